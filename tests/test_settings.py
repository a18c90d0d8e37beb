"""The configuration file: what a clerk can get wrong, and what the program says then."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from workflow.catalogue import LOCALES
from workflow.errors import ConfigurationError
from workflow.settings import DISTRICTS, Settings, config_file, load_settings, secret_key, settings

SHIPPED = Path(__file__).parents[1] / "config.toml"


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def refusal(file: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file)
    return caught.value


def test_an_empty_file_means_the_values_of_the_shipped_one(written):
    empty = load_settings(written(""))
    shipped = load_settings(written(SHIPPED.read_text(encoding="utf-8")))

    assert empty == shipped


def test_the_shipped_file_shows_every_setting_with_a_comment_above():
    text = SHIPPED.read_text(encoding="utf-8")

    for section in fields(Settings):
        table = text.split(f"[{section.name}]")[1].split("\n[")[0]
        first, *_ = table.strip().splitlines()
        assert first.startswith("# "), section.name
        for option in fields(getattr(load_settings(SHIPPED), section.name)):
            assert re.search(rf"^{option.name} = ", table, re.MULTILINE), f"{section.name}.{option.name}"


def test_paths_start_from_the_folder_of_the_file(written, tmp_path, monkeypatch):
    monkeypatch.chdir("/")

    read = load_settings(written('[files]\nfolder = "uploads"\n[web]\nsecret_key_file = "/etc/key"'))

    assert read.files.folder == tmp_path / "uploads"
    assert read.web.secret_key_file == Path("/etc/key")
    assert read.database.url == f"sqlite:///{tmp_path}/var/lianshen.db"
    assert read.mail.password_file is None


def test_a_district_is_a_name_that_ships_or_a_folder_of_ones_own(written, tmp_path):
    assert load_settings(written('[district]\nfolder = "changle"')).district.folder == DISTRICTS / "changle"

    (tmp_path / "mawei").mkdir()
    assert load_settings(written('[district]\nfolder = "mawei"')).district.folder == tmp_path / "mawei"
    assert refusal(written('[district]\nfolder = "nowhere"')).reason.code == "settings.no_district"
    assert refusal(written('[district]\nfolder = "../changle"')).reason.code == "settings.no_district"


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("[web]\n# ports\nport = 70000", 3, "out_of_range"),
        ("[web]\nport = 0", 2, "out_of_range"),
        ('[web]\nhost = "0.0.0.0"\nport = "8000"', 3, "wrong_type"),
        ("[web]\nport = true", 2, "wrong_type"),
        ("[mail]\nstart_tls = 1", 2, "wrong_type"),
        ("[web]\nhost = 127", 2, "wrong_type"),
        ('[web]\nhost = ""', 2, "empty"),
        ('[files]\nfolder = ""', 2, "empty"),
        ('[web]\n\nprot = 8000\nhost = "::1"', 3, "unknown_key"),
        ("[worker]\n[wbe]\nport = 8000", 2, "unknown_section"),
        ("web = 8000", 1, "not_a_section"),
        ("[web]\nport = ", 2, "not_toml"),
        ("[web]\nhost = 127.0.0.1", 2, "not_toml"),
        ("[web]\nport = 1\nport = 2", 3, "not_toml"),
        ("[web]\nhost = [", 2, "not_toml"),
        ('[mail]\nsender = "post"', 2, "not_one_of"),
        ('[mail]\nsender = "smtp"\nhost = ""', 3, "needed_for_smtp"),
        ('[mail]\nsender = "smtp"\nhost = "mail"\nfrom_address = ""', 4, "needed_for_smtp"),
        ('[mail]\nsender = "smtp"\nhost = "h"\nfrom_address = "a@b"\nuser = "a"', 1, "needed_for_smtp"),
        ('[mail]\nfrom_address = "office"', 2, "not_an_address"),
        ('[web]\npublic_address = "lianshen.gov.cn"', 2, "not_a_web_address"),
        ('[web]\npublic_address = "https://lianshen.gov.cn/?to="', 2, "not_a_web_address"),
        ('[database]\nurl = "mysql://localhost/x"', 2, "not_a_database"),
        ('[database]\nurl = "sqlite://"', 2, "not_a_database"),
        ('[database]\nurl = "postgresql://localhost"', 2, "not_a_database"),
        ('[database]\nurl = "postgresql://[broken"', 2, "not_a_database"),
    ],
)
def test_a_mistake_is_named_with_its_line_in_both_languages(written, text, line, code):
    file = written(text)

    error = refusal(file)

    assert (error.file, error.line, error.reason.code) == (str(file), line, f"settings.{code}")
    assert str(error).startswith(f"{file}:{line}：")
    for locale in LOCALES:
        assert "{" not in error.reason.sentence(locale)


def test_a_postgresql_address_is_taken_as_it_is(written):
    url = "postgresql+psycopg://lianshen@/lianshen?host=/run/postgresql"

    assert load_settings(written(f'[database]\nurl = "{url}"')).database.url == url


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path):
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[web]\r\nport = 81\r\n")

    assert load_settings(file).web.port == 81


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path):
    assert refusal(tmp_path / "none.toml").reason.code == "settings.unreadable"

    file = tmp_path / "config.toml"
    file.write_bytes("[web]\n# 端口".encode("gbk"))
    assert refusal(file).reason.code == "settings.unreadable"


def test_the_environment_names_the_file_before_the_current_folder(written, tmp_path, monkeypatch):
    here = written("[web]\nport = 81")
    monkeypatch.delenv("LIANSHEN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert config_file() == here
    assert settings().web.port == 81

    monkeypatch.setenv("LIANSHEN_CONFIG", str(SHIPPED))
    assert settings().web.port == 8000


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    file = tmp_path / "var" / "secret_key"

    with ThreadPoolExecutor(8) as starting_together:
        keys = set(starting_together.map(secret_key, [file] * 8))

    assert keys == {file.read_text(encoding="ascii")}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"short", "密钥".encode()])
def test_a_key_file_that_would_not_protect_anything_is_refused(tmp_path, content):
    file = tmp_path / "secret_key"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=re.escape(str(file))):
        secret_key(file)
