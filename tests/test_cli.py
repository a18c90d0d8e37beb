"""The console script as a person at a terminal meets it, each time in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from workflow.catalogue import LOCALES, sentence
from workflow.cli import GROUP

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
COMMANDS = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]

# Prints, after the command has run, what it had to import.
SCRIPT = """
import atexit, sys
if "--modules" in sys.argv:
    sys.argv.remove("--modules")
    atexit.register(lambda: print(*sorted(sys.modules)))
from workflow.cli import main
main()
"""


@pytest.fixture
def neighbour(tmp_path):
    """A package of somebody else's that adds two commands: one that refuses, one that waits."""
    (tmp_path / "neighbour-1.dist-info").mkdir()
    (tmp_path / "neighbour-1.dist-info" / "entry_points.txt").write_text(
        f"[{GROUP}]\nrefuse-it = neighbour:refuse\nwait-for-it = neighbour:wait\n"
    )
    (tmp_path / "neighbour-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: neighbour\n")
    (tmp_path / "neighbour.py").write_text(
        "import time, click\nfrom workflow.errors import NotFound, Reason\n"
        "@click.command()\ndef refuse(): raise NotFound(Reason('not_found'), Reason('settings.unreadable'))\n"
        "@click.command()\ndef wait(): print('waiting', flush=True); time.sleep(60)\n"
    )
    return tmp_path


def started(
    *arguments: str, path: Path | None = None, language: str = "zh_CN.UTF-8"
) -> subprocess.Popen[str]:
    places = [str(PYPROJECT.parent), *([str(path)] if path else [])]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places), "LC_ALL": language, "PYTHONUTF8": "1"},
        # A shell's job in the background hands down that the interrupt key means nothing.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def ran(*arguments: str, path: Path | None = None, language: str = "zh_CN.UTF-8") -> tuple[int, str, str]:
    process = started(*arguments, path=path, language=language)
    output, errors = process.communicate(timeout=30)
    return process.returncode, output, errors


@pytest.mark.parametrize(("language", "locale"), [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C", "zh")])
def test_the_help_says_what_each_command_is_for(language, locale):
    status, output, _ = ran("--help", language=language)

    assert status == 0
    for name in COMMANDS:
        assert f"  {name} " in output
        assert sentence(f"cli.purpose.{name}", locale) in output


def test_the_help_loads_no_command():
    _, output, _ = ran("--help", "--modules")

    loaded = set(output.split())
    assert "workflow.cli" in loaded
    assert not loaded & {target.split(":")[0] for target in COMMANDS.values()}


def test_a_due_day_needs_neither_database_nor_pages():
    status, output, errors = ran("due", "--from", "2026-11-05", "--days", "5", "--json", "--modules")

    assert (status, errors) == (0, "")
    assert output.startswith('{"due_on": "2026-11-12", "estimated": false}')
    assert not set(output.split()) & {"sqlalchemy", "flask", "transitions", "apscheduler"}


def test_a_refusal_is_every_sentence_and_no_traceback(neighbour):
    status, output, errors = ran("refuse-it", path=neighbour)

    assert (status, output) == (2, "")
    assert errors.splitlines() == [sentence("not_found"), sentence("settings.unreadable")]


def test_a_refusal_speaks_the_language_of_the_terminal(neighbour):
    _, _, errors = ran("refuse-it", path=neighbour, language="en_GB.UTF-8")

    assert errors.splitlines()[0] == sentence("not_found", "en")


def test_the_interrupt_key_ends_a_command_without_a_traceback(neighbour):
    process = started("wait-for-it", path=neighbour)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"

    process.send_signal(signal.SIGINT)

    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.strip()) == (130, "")


def test_a_command_that_does_not_exist_is_named():
    status, _, errors = ran("approve-everything")

    assert status == 2
    assert "approve-everything" in errors


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_installed_and_has_a_purpose_in_both_languages(name):
    (installed,) = {found.value for found in entry_points(group=GROUP, name=name)}

    assert installed == COMMANDS[name]
    assert all(sentence(f"cli.purpose.{name}", locale) for locale in LOCALES)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded(name):
    (found,) = set(entry_points(group=GROUP, name=name))

    assert isinstance(found.load(), click.Command)
