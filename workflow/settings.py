"""The settings of an installation: `config.toml`, read at an edge, checked hard. No database is opened here.

Who reads what: `database` every command that needs data; `district` the commands that read policy, processes,
units and calendar; `files` the upload of evidence; `web` the pages, `serve` and the links in letters;
`mail` the e-mail channel; `worker` the scheduler; `history` the daily anchor and `audit verify`;
`sign_in` the accounts.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal, get_args, get_origin, get_type_hints

from workflow.errors import ConfigurationError, Reason

DISTRICTS = Path(__file__).parent / "districts"
LEAST_SECRET_LENGTH = 32


def _between(default: int, low: int, high: int) -> Any:
    return field(default=default, metadata={"between": (low, high)})


@dataclass(frozen=True, slots=True)
class Database:
    url: str = "sqlite:///var/lianshen.db"


@dataclass(frozen=True, slots=True)
class District:
    folder: Path = Path("changle")


@dataclass(frozen=True, slots=True)
class Files:
    folder: Path = Path("var/evidence")
    max_megabytes: int = _between(20, 1, 200)


@dataclass(frozen=True, slots=True)
class Web:
    host: str = "127.0.0.1"
    port: int = _between(8000, 1, 65535)
    secret_key_file: Path = Path("var/secret_key")
    session_idle_minutes: int = _between(60, 5, 1440)
    trusted_proxies: int = _between(0, 0, 5)
    public_address: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    sender: Literal["file", "smtp"] = "file"
    folder: Path = Path("var/mail")
    host: str = ""
    port: int = _between(587, 1, 65535)
    start_tls: bool = True
    user: str = ""
    password_file: Path | None = None
    from_address: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    seconds_between_sweeps: int = _between(30, 5, 3600)


@dataclass(frozen=True, slots=True)
class History:
    anchor_file: Path = Path("var/anchors.log")


@dataclass(frozen=True, slots=True)
class SignIn:
    max_failures: int = _between(5, 3, 50)
    lock_minutes: int = _between(15, 1, 1440)
    min_password_length: int = _between(10, 8, 64)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; every path is absolute."""

    database: Database
    district: District
    files: Files
    web: Web
    mail: Mail
    worker: Worker
    history: History
    sign_in: SignIn


def settings() -> Settings:
    """The settings in force, from $LIANSHEN_CONFIG, ./config.toml or the one beside the program."""
    return load_settings(config_file())


def config_file() -> Path:
    """Which configuration file is in force; ConfigurationError names the places where none was found."""
    if chosen := os.environ.get("LIANSHEN_CONFIG"):
        return Path(chosen).absolute()
    places = [Path.cwd() / "config.toml", Path(__file__).parents[1] / "config.toml"]
    for place in places:
        if place.is_file():
            return place
    raise ConfigurationError(
        "config.toml", None, Reason("settings.not_found", {"places": [str(place) for place in places]})
    )


def district_folder() -> Path:
    """The district of this installation; where there is none, the one that ships with the program.

    For the commands that need neither database nor configuration.
    """
    try:
        file = config_file()
    except ConfigurationError:
        return DISTRICTS / "changle"
    return load_settings(file).district.folder


def load_settings(path: Path) -> Settings:
    """Read and check one configuration file; ConfigurationError names the line and what to write instead."""
    file = _File.read(path.absolute())
    kinds = get_type_hints(Settings)
    _check_sections(file, kinds)
    read = Settings(**{name: _section(file, name, kind) for name, kind in kinds.items()})
    _check_web(file, read.web)
    _check_mail(file, read.mail)
    return replace(
        read,
        database=Database(_database_url(file, read.database.url)),
        district=District(_district_folder(file, read.district.folder)),
    )


def secret_key(file: Path) -> str:
    """The key that signs sessions; made at the first start, readable by its owner alone."""
    if not file.exists():
        _make_secret(file)
    try:
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(file), None, Reason("settings.unreadable")) from error
    if len(key) < LEAST_SECRET_LENGTH:
        raise ConfigurationError(
            str(file), None, Reason("settings.secret_too_short", {"least": LEAST_SECRET_LENGTH})
        )
    return key


@dataclass(frozen=True, slots=True)
class _File:
    """The file as it was read, able to say on which line something stands."""

    path: Path
    text: str
    tables: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> _File:
        try:
            # Editors on Windows put a byte order mark in front, which is not TOML.
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(str(path), None, Reason("settings.unreadable")) from error
        try:
            return cls(path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise _not_toml(path, text, str(error)) from error

    def error(self, section: str | None, key: str | None, code: str, **params: object) -> ConfigurationError:
        """The error about one key, or about a whole section, at its line."""
        named = {"section": section, "key": key, **params}
        return ConfigurationError(
            str(self.path), self.line(section, key), Reason(f"settings.{code}", named, field=key)
        )

    def line(self, section: str | None, key: str | None) -> int | None:
        """The line of a key, else of its section; tomllib does not tell."""
        current, header = None, None
        for number, line in enumerate(self.text.splitlines(), start=1):
            if opened := re.match(r"\s*\[\s*\"?([\w-]+)", line):
                current = opened[1]
                header = number if current == section else header
            elif key and current == section and re.match(rf"\s*\"?{re.escape(key)}\"?\s*[=.]", line):
                return number
        return header


def _not_toml(path: Path, text: str, message: str) -> ConfigurationError:
    place = re.search(r"line (\d+), column (\d+)", message)
    # Without a place the text ended too early: the last line is where to look.
    line, column = (int(place[1]), int(place[2])) if place else (len(text.splitlines()), 1)
    return ConfigurationError(str(path), line, Reason("settings.not_toml", {"column": column}))


def _check_sections(file: _File, kinds: Mapping[str, type]) -> None:
    for name, table in file.tables.items():
        if name not in kinds:
            raise file.error(name, None, "unknown_section", known=list(kinds))
        if not isinstance(table, dict):
            raise file.error(None, name, "not_a_section")
        known = get_type_hints(kinds[name])
        for key in table:
            if key not in known:
                raise file.error(name, key, "unknown_key", known=list(known))


def _section(file: _File, name: str, kind: type[Any]) -> Any:
    types = get_type_hints(kind)
    return kind(**{option.name: _value(file, name, option, types[option.name]) for option in fields(kind)})


def _value(file: _File, section: str, option: Field[Any], kind: Any) -> Any:
    key = option.name
    value = file.tables.get(section, {}).get(key, option.default)
    if key in file.tables.get(section, {}):
        _check_value(file, section, option, kind, value)
    if kind not in (Path, Path | None):
        return value
    return file.path.parent / value if value else None


def _check_value(file: _File, section: str, option: Field[Any], kind: Any, value: object) -> None:
    key = option.name
    written, label = {bool: (bool, "switch"), int: (int, "number")}.get(kind, (str, "text"))
    # To Python true is a number too; to a clerk it is not.
    if type(value) is not written:
        raise file.error(section, key, "wrong_type", kind_label=f"settings.kind.{label}")
    if value == "" and option.default not in ("", None):
        raise file.error(section, key, "empty")
    if get_origin(kind) is Literal and value not in get_args(kind):
        raise file.error(section, key, "not_one_of", value=value, known=get_args(kind))
    if isinstance(value, int) and (between := option.metadata.get("between")):
        low, high = between
        if not low <= value <= high:
            raise file.error(section, key, "out_of_range", low=low, high=high, value=value)


def _check_web(file: _File, web: Web) -> None:
    # It is put in front of paths: a question mark or a fragment would swallow them.
    if web.public_address and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", web.public_address):
        raise file.error("web", "public_address", "not_a_web_address", value=web.public_address)


def _check_mail(file: _File, mail: Mail) -> None:
    if mail.from_address and not re.fullmatch(r"[^@\s]+@[^@\s]+", mail.from_address):
        raise file.error("mail", "from_address", "not_an_address", value=mail.from_address)
    if mail.sender != "smtp":
        return
    needed = ["host", "from_address"] + (["password_file"] if mail.user else [])
    for key in needed:
        if not getattr(mail, key):
            raise file.error("mail", key, "needed_for_smtp")


def _database_url(file: _File, url: str) -> str:
    """The URL with a SQLite file's path made absolute."""
    if re.fullmatch(r"postgresql(\+psycopg)?://[^/]*/.+", url):
        return url
    name = url.removeprefix("sqlite:///")
    # A database in memory would be empty for every process but one.
    if name in (url, "", ":memory:"):
        raise file.error("database", "url", "not_a_database")
    return f"sqlite:///{file.path.parent / name}"


def _district_folder(file: _File, folder: Path) -> Path:
    """A folder beside the configuration file, or else one of those that ship with the program."""
    shipped = DISTRICTS / folder.name
    if folder.is_dir():
        return folder
    if folder.parent == file.path.parent and shipped.is_dir():
        return shipped
    known = sorted(entry.name for entry in DISTRICTS.iterdir() if entry.is_dir())
    raise file.error("district", "folder", "no_district", folder=str(folder), known=known)


def _make_secret(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written aside with mode 600, then linked: of processes that start together one wins, none reads half.
    with NamedTemporaryFile("w", dir=file.parent, encoding="ascii") as aside:
        aside.write(secrets.token_hex(LEAST_SECRET_LENGTH))
        aside.flush()
        with suppress(FileExistsError):
            os.link(aside.name, file)
