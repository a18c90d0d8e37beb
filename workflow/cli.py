"""The console script `lianshen`: finds the commands by entry point and loads only the one that was called."""

from __future__ import annotations

import os
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NoReturn

import click

from workflow.catalogue import sentence
from workflow.errors import WorkflowError

GROUP = "lianshen.commands"


class Commands(click.Group):
    """The commands of all packages; a package adds its own in the group `lianshen.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(found.name for found in _entry_points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for found in _entry_points():
            if found.name == cmd_name:
                command: click.Command = found.load()
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Click would load every command to ask for its short help; the catalogue knows it already.
        locale = terminal_locale()
        with formatter.section(sentence("cli.commands", locale)):
            formatter.write_dl([(name, _purpose(name, locale)) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WorkflowError as error:
            _refuse(ctx, error)
        except KeyboardInterrupt:
            # Ctrl-C is how a server is ended by hand: no reproach, the status a shell expects.
            click.echo(err=True)
            ctx.exit(130)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lianshen", message="%(package)s %(version)s")
def main() -> None:
    """联审 Lianshen: award applications, from the first click to the money in the account."""


def terminal_locale() -> str:
    """The language of the person at the terminal: English where the environment says so, else Chinese."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if spoken.lower().startswith("en") else "zh"


def _entry_points() -> set[EntryPoint]:
    # A set: an editable install can list the same command twice.
    return set(entry_points(group=GROUP))


def _purpose(name: str, locale: str) -> str:
    try:
        return sentence(f"cli.purpose.{name}", locale)
    except KeyError:
        # A command of somebody else's package, which our catalogue cannot know.
        return ""


def _refuse(ctx: click.Context, error: WorkflowError) -> NoReturn:
    for line in error.sentences(terminal_locale()):
        click.echo(line, err=True)
    ctx.exit(2)
