"""A district is a folder of files: units, calendar, processes, policies; here it is read and stored.

What the files of each kind may say is checked where that kind is at home.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.calendar import CalendarList, calendar_list
from workflow.errors import ConfigurationError, Reason
from workflow.installation import record_fact
from workflow.people.unit_file import UnitRow, units_from_csv
from workflow.policy.policy import load_policies
from workflow.policy.source import Source
from workflow.policy.terms import Policy, Wording
from workflow.process.calendar_change import apply_calendar
from workflow.process.definition import Process
from workflow.process.loading import load_process
from workflow.process.numbers import NUMBER_PREFIX
from workflow.reference import touch_reference
from workflow.storage.people import Unit
from workflow.storage.reference import CalendarDay, CalendarYear, PolicyVersion, ProcessVersion

DISTRICT_NAMES = {"zh": "district_name_zh", "en": "district_name_en"}
# By language: where written objections go; by unit and language: what documents call the unit.
OBJECTIONS_TO = {"zh": "objections_to_zh", "en": "objections_to_en"}
OFFICIAL_NAME = "official_name.{code}.{locale}"
DISTRICT_TITLES = {"zh": "district_title_zh", "en": "district_title_en"}


@dataclass(frozen=True, slots=True)
class District:
    """What a district is called; its lists and rules are read from `folder` when asked for."""

    folder: Path
    code: str
    number_prefix: str
    name: Wording
    title: Wording
    objections_to: Wording
    official_names: Mapping[str, Wording]

    def units(self) -> tuple[UnitRow, ...]:
        file = self.folder / "units.csv"
        return units_from_csv(_read(file), str(file))

    def calendar(self) -> CalendarList:
        file = self.folder / "calendar.csv"
        return calendar_list(_read(file), str(file))

    def process_files(self) -> list[Path]:
        files = sorted((self.folder / "processes").glob("*.toml"))
        if not files:
            raise ConfigurationError(str(self.folder / "processes"), None, Reason("district.no_process"))
        return files

    def processes(self) -> list[tuple[Path, Process]]:
        return [(file, load_process(file)) for file in self.process_files()]

    def policies(self) -> tuple[Policy, ...]:
        return load_policies(self.folder)

    def policy_sources(self) -> dict[str, str]:
        """The texts of the policy files by the digest their policies carry."""
        texts = [file.read_bytes() for file in (self.folder / "policy").glob("*.toml")]
        return {hashlib.sha256(text).hexdigest(): text.decode("utf-8") for text in texts}


@dataclass(frozen=True, slots=True)
class Installed:
    """What was new to the database, and how many due days a new year of the calendar moved."""

    units: int
    calendar_days: int
    processes: tuple[str, ...]
    policies: tuple[str, ...]
    due_days_moved: int = 0


def load_district(folder: Path) -> District:
    """The district of a folder; ConfigurationError names the file and line of the first fault."""
    file = folder / "district.toml"
    root = Source(_read(file), str(file)).root
    root.only(("code", "number_prefix", "name", "title", "objections_to", "official_names"))
    official = root.table("official_names")
    return District(
        folder=folder,
        code=root.text("code"),
        number_prefix=root.text("number_prefix"),
        name=root.wording("name"),
        title=root.wording("title"),
        objections_to=root.wording("objections_to"),
        official_names={code: official.wording(code) for code in official.content},
    )


def install_district(session: Session, district: District, now: datetime) -> Installed:
    """Bring units, calendar, processes and policies of the files into the database; returns what was new.

    Safe to repeat. Units follow their file, save for telephone numbers, which the administrator keeps; a
    calendar year, a process version and a policy that are stored already stay as they are.
    """
    processes = district.processes()
    units, changed = _install_units(session, district.units())
    if changed:
        touch_reference(session)
    days, moved = _install_calendar(session, district.calendar(), now)
    record_fact(session, NUMBER_PREFIX, district.number_prefix)
    for locale in DISTRICT_NAMES:
        record_fact(session, DISTRICT_NAMES[locale], district.name.text(locale))
        record_fact(session, DISTRICT_TITLES[locale], district.title.text(locale))
        record_fact(session, OBJECTIONS_TO[locale], district.objections_to.text(locale))
        for code, name in district.official_names.items():
            record_fact(session, OFFICIAL_NAME.format(code=code, locale=locale), name.text(locale))
    return Installed(
        units=units,
        calendar_days=days,
        processes=tuple(filter(None, [_install_process(session, *each, now) for each in processes])),
        policies=_install_policies(session, district, now),
        due_days_moved=moved,
    )


def _install_units(session: Session, rows: Iterable[UnitRow]) -> tuple[int, bool]:
    """How many units were new, and whether any was new or changed."""
    stored = {unit.code: unit for unit in session.scalars(select(Unit))}
    added = 0
    for row in rows:
        if row.code not in stored:
            stored[row.code] = Unit(code=row.code, phone=row.phone)
            session.add(stored[row.code])
            added += 1
        _follow(stored[row.code], row)
    changed = added > 0 or any(map(session.is_modified, stored.values()))
    session.flush()
    for row in rows:
        stored[row.code].successor_id = stored[row.successor].id if row.successor else None
    changed = changed or any(map(session.is_modified, stored.values()))
    session.flush()
    return added, changed


def _follow(unit: Unit, row: UnitRow) -> None:
    unit.kind = row.kind
    unit.name = row.name
    unit.name_en = row.name_en
    unit.valid_from = row.valid_from
    unit.valid_to = row.valid_to


def _install_calendar(session: Session, listed: CalendarList, now: datetime) -> tuple[int, int]:
    """How many days were new, and how many due days moved because of them."""
    # A year the database knows already may have been corrected there by hand: it is left alone.
    known_years = set(session.scalars(select(CalendarYear.year)))
    known_days = set(session.scalars(select(CalendarDay.day)))
    years = listed.official_years - known_years
    new = [
        row
        for row in listed.days
        if row.day.year in years or (row.day.year not in known_years and row.day not in known_days)
    ]
    if not years and not new:
        return 0, 0
    moved = apply_calendar(session, new, years, now)
    return sum(row.day not in known_days for row in new), len(moved)


def _install_process(session: Session, file: Path, process: Process, now: datetime) -> str:
    """The name of the version when it was new, else nothing."""
    stored = session.get(ProcessVersion, (process.code, process.version))
    if stored is None:
        session.add(
            ProcessVersion(
                code=process.code,
                version=process.version,
                digest=process.digest,
                source=process.source,
                stored_at=now,
            )
        )
        session.flush()
        return f"{process.code} {process.version}"
    if stored.digest != process.digest:
        raise changed_without_new_version(file, process)
    return ""


def changed_without_new_version(file: Path, process: Process) -> ConfigurationError:
    """What to say when a file differs from the version of that number that cases are running on."""
    params = {"process": process.code, "version": process.version, "next": process.version + 1}
    lines = process.source.splitlines()
    place = next((number for number, line in enumerate(lines, 1) if line.startswith("version")), None)
    return ConfigurationError(str(file), place, Reason("district.raise_the_version", params))


def _install_policies(session: Session, district: District, now: datetime) -> tuple[str, ...]:
    known = set(session.scalars(select(PolicyVersion.digest)))
    new = [policy for policy in district.policies() if policy.digest not in known]
    sources = district.policy_sources()
    for policy in new:
        session.add(
            PolicyVersion(
                code=policy.code,
                digest=policy.digest,
                source=sources[policy.digest],
                valid_from=policy.valid_from,
                valid_to=policy.valid_to,
                stored_at=now,
            )
        )
    session.flush()
    return tuple(policy.code for policy in new)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(file), None, Reason("district.unreadable")) from error
