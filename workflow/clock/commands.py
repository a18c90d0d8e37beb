"""The command `lianshen due`: a due day from the district's files, without a database."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import click

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.clock.calendar import WorkingCalendar, calendar_from_csv
from workflow.clock.days import full_day
from workflow.clock.due import due_on
from workflow.clock.ledger import estimated_note
from workflow.errors import ConfigurationError
from workflow.settings import district_folder

FIRST_YEAR, LAST_YEAR = 2000, 2099
MOST_DAYS = 3660


class Day(click.ParamType[date]):
    """A day written 2026-11-05."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            # fromisoformat alone would take 20261105 and 2026-W45-4 as well.
            day = (
                date.fromisoformat(str(value))
                if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value))
                else None
            )
        except ValueError:
            day = None
        if day is None:
            self.fail(_say("bad_day", found=value), param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(_say("day_out_of_range", found=value, first=FIRST_YEAR, last=LAST_YEAR), param, ctx)
        return day


class WorkingDays(click.ParamType[int]):
    """A number of working days that can be a limit."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= MOST_DAYS:
            self.fail(_say("bad_days", found=value, first=1, last=MOST_DAYS), param, ctx)
        return int(text)


@click.command()
@click.option(
    "--from", "entered", type=Day(), required=True, help="进入环节之日 / the day of entry, 2026-11-05"
)
@click.option("--days", type=WorkingDays(), required=True, help=f"时限（工作日） / the limit, 1–{MOST_DAYS}")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option(
    "--district",
    type=click.Path(path_type=Path),
    help="地区文件夹，默认为设置中的区 / the district's folder; default: the one of config.toml",
)
def due(entered: date, days: int, as_json: bool, district: Path | None) -> None:
    """推算办结日：次一工作日为第 1 日。 / The due day; day 1 is the next working day."""
    calendar = _calendar_of(district or district_folder())
    due_day = due_on(entered, days, 0, calendar)
    note = estimated_note(entered, due_day, calendar)
    if as_json:
        click.echo(json.dumps({"due_on": due_day.isoformat(), "estimated": note is not None}))
        return
    locale = terminal_locale()
    click.echo(_say("due", from_day=full_day(entered, locale), days=days, on=full_day(due_day, locale)))
    if note is not None:
        click.echo(note.sentence(locale))


def _calendar_of(district: Path) -> WorkingCalendar:
    file = district / "calendar.csv"
    try:
        return calendar_from_csv(file.read_text(encoding="utf-8"), str(file))
    except UnicodeDecodeError:
        why = _say("not_utf8")
    except OSError as error:
        why = error.strerror or type(error).__name__
    except ConfigurationError as error:
        raise click.BadParameter(_fault(error), param_hint="'--district'") from error
    raise click.BadParameter(_say("no_calendar", folder=district, why=why), param_hint="'--district'")


def _fault(error: ConfigurationError) -> str:
    place = f"{error.file}:{error.line}"
    return sentence(
        "configuration.at", terminal_locale(), place=place, what=error.reason.sentence(terminal_locale())
    )


def _say(code: str, **params: object) -> str:
    return sentence(f"clock.command.{code}", terminal_locale(), **params)
