"""`lianshen process check` and `process draw`: look at process definitions without a database."""

from __future__ import annotations

from pathlib import Path

import click

from workflow.catalogue import label, sentence
from workflow.cli import terminal_locale
from workflow.process.definition import STAY, Process
from workflow.process.loading import load_process
from workflow.settings import settings


@click.group(help="Check and draw process definitions.")
def process() -> None:
    pass


@process.command(help="Check process files; without FILE those of the district in use.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    for file in files or _district_files():
        loaded = load_process(file)
        click.echo(
            sentence(
                "process.sound",
                terminal_locale(),
                file=file.name,
                name=loaded.code,
                version=loaded.version,
                states=len(loaded.states),
                actions=len(loaded.actions),
            )
        )


@process.command(help="Print a process as a diagram in the Mermaid language.")
@click.argument("name")
@click.option("--locale", type=click.Choice(["zh", "en"]), default=None, help="Language of the labels.")
def draw(name: str, locale: str | None) -> None:
    """NAME is the code of a process of the district, or a file."""
    file = Path(name) if name.endswith(".toml") else _file_of(name)
    click.echo(mermaid(load_process(file), locale or terminal_locale()))


def mermaid(process: Process, locale: str) -> str:
    """The states and moves of a process as a Mermaid state diagram, without actions that move nothing."""
    lines = ["stateDiagram-v2", f"    [*] --> {process.initial}"]
    for state in process.states.values():
        days = "" if state.limit_days is None else f" ({state.limit_days})"
        lines.append(f"    {state.name}: {label('state', state.name, locale)}{days}")
        for action in state.actions.values():
            lines += [
                f"    {state.name} --> {destination}: {label('action', action.name, locale)}"
                for destination in action.destinations
                if destination not in (STAY, state.name)
            ]
        if state.final:
            lines.append(f"    {state.name} --> [*]")
    return "\n".join(lines)


def _district_files() -> list[Path]:
    return sorted((settings().district.folder / "processes").glob("*.toml"))


def _file_of(code: str) -> Path:
    found = next((file for file in _district_files() if file.stem == code), None)
    if found is None:
        known = ", ".join(file.stem for file in _district_files())
        raise click.UsageError(sentence("process.no_such_file", terminal_locale(), name=code, known=known))
    return found
