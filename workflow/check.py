"""The command `lianshen check`: is the configuration right, are the district's files, are the units manned?

Each file is checked where its kind is at home; here the findings are gathered, so that one run shows all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import Select, exists, inspect, make_url, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.clock.days import shanghai_day
from workflow.district import District, changed_without_new_version, load_district
from workflow.errors import ConfigurationError, Reason, Refused
from workflow.installation import moment
from workflow.lists.people import serving_counts
from workflow.people.unit_file import SINGLE_KINDS
from workflow.process.definition import Process
from workflow.process.loading import load_process
from workflow.reference import Reference, UnitFacts, reference_of
from workflow.settings import config_file, load_settings
from workflow.storage.cases import Case
from workflow.storage.people import Organisation, Unit
from workflow.storage.reference import PolicyVersion, ProcessVersion
from workflow.storage.schema import refuse_unless_current
from workflow.storage.store import Store

OFFICERS_WANTED = 2
# Within this time limits are already counted into the days ahead.
CALENDAR_DAYS_AHEAD = 90

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or that somebody should look at, and where."""

    reason: Reason
    file: str | None = None
    line: int | None = None

    def text(self, locale: str) -> str:
        what = self.reason.sentence(locale)
        if self.file is None:
            return what
        place = f"{self.file}:{self.line}" if self.line else self.file
        return sentence("configuration.at", locale, place=place, what=what)


@dataclass(slots=True)
class Findings:
    """What a check found: errors stop the program from running rightly, warnings do not."""

    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def warn(self, code: str, **params: object) -> None:
        self.warnings.append(Finding(Reason(f"check.{code}", params)))


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="设置文件 / the configuration file")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.pass_context
def check(ctx: click.Context, config: Path | None, as_json: bool) -> None:
    """检查设置、区的资料和人员配备。 / Check the configuration, the district's files and the staffing."""
    findings = findings_of(config, datetime.now(UTC))
    locale = terminal_locale()
    if as_json:
        click.echo(json.dumps(_as_json(findings, locale), ensure_ascii=False, indent=2))
    else:
        for line in _lines(findings, locale):
            click.echo(line)
    ctx.exit(1 if findings.errors else 0)


def findings_of(config: Path | None, real_now: datetime) -> Findings:
    """Everything found about an installation: first its files, then its database where there is one."""
    findings = Findings()
    settings = _tried(findings, lambda: load_settings(config or config_file()))
    if settings is None:
        return findings
    district = _tried(findings, lambda: load_district(settings.district.folder))
    processes = _check_files(findings, district) if district else {}
    _check_database(findings, settings.database.url, district, processes, real_now)
    return findings


def staffing_warnings(session: Session, reference: Reference, today: date) -> list[Reason]:
    """Units in use that have fewer than two officers, or no head; in use is also where a firm may apply."""
    serving = serving_counts(session, today)
    in_use = set(session.scalars(_units_in_use()))
    reasons: list[Reason] = []
    for unit in reference.units.values():
        if unit.is_valid_on(today) and (unit.kind in SINGLE_KINDS or unit.id in serving or unit.id in in_use):
            reasons += _staffing_of(unit, *serving.get(unit.id, (0, 0)))
    return reasons


def _units_in_use() -> Select[int]:
    holds = exists().where(Case.unit_id == Unit.id, Case.closed_at.is_(None))
    # Asked of each unit, because DISTINCT would walk through every organisation.
    serves = exists().where(Organisation.township_id == Unit.id)
    return select(Unit.id).where(or_(holds, serves))


def _staffing_of(unit: UnitFacts, officers: int, heads: int) -> Iterator[Reason]:
    if officers < OFFICERS_WANTED:
        params = {"unit": unit.name, "found": officers, "wanted": OFFICERS_WANTED}
        yield Reason("check.too_few_officers", params)
    # Administrators have no cases that could be late, so nobody has to see to them.
    if not heads and unit.kind != "administration":
        yield Reason("check.no_head", {"unit": unit.name})


def _tried(findings: Findings, read: Callable[[], Read], file: Path | None = None) -> Read | None:
    """What was read, or None with the error among the findings."""
    try:
        return read()
    except ConfigurationError as error:
        findings.errors.append(Finding(error.reason, str(file or error.file), error.line))
    except (OSError, UnicodeDecodeError):
        findings.errors.append(Finding(Reason("district.unreadable"), str(file)))
    return None


def _check_files(findings: Findings, district: District) -> dict[Path, Process]:
    _tried(findings, district.units)
    _tried(findings, district.calendar)
    _tried(findings, district.policies)
    processes: dict[Path, Process] = {}
    for file in _tried(findings, district.process_files) or []:
        process = _tried(findings, partial(load_process, file), file)
        if process is not None:
            processes[file] = process
    return processes


def _check_database(
    findings: Findings, url: str, district: District | None, processes: Mapping[Path, Process], now: datetime
) -> None:
    file = make_url(url).database
    if url.startswith("sqlite") and not Path(file or "").exists():
        findings.warn("no_database")
        return
    store = Store(url)
    try:
        if not inspect(store.reader).get_table_names():
            findings.warn("no_database")
            return
        refuse_unless_current(store)
        with store.reading() as session:
            _check_stored(findings, session, processes)
            if district is not None:
                _check_policies(findings, session, district)
            _check_people(findings, session, shanghai_day(moment(session, now)))
    except Refused as refusal:
        findings.errors += [Finding(reason) for reason in refusal.reasons]
    except DBAPIError as error:
        why = str(error.orig).strip().splitlines()[0]
        findings.errors.append(Finding(Reason("check.database_closed", {"why": why})))
    finally:
        store.dispose()


def _check_stored(findings: Findings, session: Session, processes: Mapping[Path, Process]) -> None:
    for file, process in processes.items():
        stored = session.get(ProcessVersion, (process.code, process.version))
        if stored is None:
            findings.warn("process_not_in_use", process=process.code, version=process.version)
        elif stored.digest != process.digest:
            error = changed_without_new_version(file, process)
            findings.errors.append(Finding(error.reason, error.file, error.line))


def _check_policies(findings: Findings, session: Session, district: District) -> None:
    stored = set(session.scalars(select(PolicyVersion.digest)))
    # A file that cannot be read is among the errors already.
    with suppress(ConfigurationError, OSError):
        for policy in district.policies():
            if policy.digest not in stored:
                findings.warn("policy_not_in_use", policy=policy.code)


def _check_people(findings: Findings, session: Session, today: date) -> None:
    reference = reference_of(session)
    far = today + timedelta(days=CALENDAR_DAYS_AHEAD)
    if reference.calendar.is_estimated(far):
        findings.warn("calendar_ends", year=far.year)
    findings.warnings += [Finding(reason) for reason in staffing_warnings(session, reference, today)]


def _lines(findings: Findings, locale: str) -> Iterator[str]:
    for label, found in (("error", findings.errors), ("warning", findings.warnings)):
        for finding in found:
            yield sentence(f"check.{label}", locale, what=finding.text(locale))
    counts = {"errors": len(findings.errors), "warnings": len(findings.warnings)}
    yield sentence("check.result", locale, **counts)


def _as_json(findings: Findings, locale: str) -> Mapping[str, object]:
    return {
        "ok": not findings.errors,
        "errors": [_finding_as_json(finding, locale) for finding in findings.errors],
        "warnings": [_finding_as_json(finding, locale) for finding in findings.warnings],
    }


def _finding_as_json(finding: Finding, locale: str) -> Mapping[str, object]:
    return {
        "code": finding.reason.code,
        "file": finding.file,
        "line": finding.line,
        "sentence": finding.text(locale),
    }
