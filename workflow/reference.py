"""What every case is measured against: the working calendar and the units, kept in memory by revision."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock.calendar import CalendarDay, WorkingCalendar
from workflow.errors import NotFound, Reason, Refused
from workflow.installation import fact, record_fact
from workflow.storage.people import Unit
from workflow.storage.reference import CalendarDay as CalendarDayRow
from workflow.storage.reference import CalendarYear
from workflow.storage.store import Database, database_of

REVISION = "reference_revision"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as it stands in the reference tables."""

    id: int
    code: str
    kind: str
    name: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    successor_id: int | None

    def is_valid_on(self, day: date) -> bool:
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Reference:
    """The calendar and the units of one revision; a changed table is a new revision."""

    revision: int
    calendar: WorkingCalendar
    units: Mapping[int, UnitFacts]

    def unit_of_kind(self, kind: str, today: date) -> int:
        """The one unit of a kind that is valid today; Refused when there is none, or more than one."""
        valid = [unit.id for unit in self.units.values() if unit.kind == kind and unit.is_valid_on(today)]
        if len(valid) != 1:
            code = "reference.several_units" if valid else "reference.no_unit"
            raise Refused(Reason(code, {"kind_label": f"unit_kind.{kind}", "day": today.isoformat()}))
        return valid[0]

    def successor_on(self, unit_id: int, day: date) -> int:
        """The unit that does this one's work on a day: itself, or the first valid one of its successors."""
        unit = self._unit(unit_id)
        seen = {unit.id}
        while not unit.is_valid_on(day) and unit.successor_id is not None and unit.successor_id not in seen:
            unit = self._unit(unit.successor_id)
            seen.add(unit.id)
        if not unit.is_valid_on(day):
            name = self.units[unit_id].name
            raise Refused(Reason("reference.no_successor", {"unit": name, "day": day.isoformat()}))
        return unit.id

    def _unit(self, unit_id: int) -> UnitFacts:
        if unit_id not in self.units:
            raise NotFound(Reason("not_found"))
        return self.units[unit_id]


# One entry a database. Two threads that miss together load the same rows twice; storing is atomic.
_latest: dict[Database, Reference] = {}


def reference_of(session: Session, revision: int | None = None) -> Reference:
    """The calendar and units of the session's database.

    With the revision in hand a remembered reference costs no statement; without it, one.
    """
    if revision is None:
        revision = reference_revision(session)
    database = database_of(session)
    known = _latest.get(database)
    if known is not None and known.revision == revision:
        return known
    loaded = Reference(revision, _calendar(session), _units(session))
    # Without a revision row nobody would notice a change, so nothing is remembered.
    if revision:
        _latest[database] = loaded
    return loaded


def reference_revision(session: Session) -> int:
    """The revision of the reference tables; 0 before anything was installed."""
    return int(fact(session, REVISION) or 0)


def touch_reference(session: Session) -> int:
    """Give the reference tables a new revision, in the transaction that changed units or the calendar."""
    # Not a counter: a revision that was rolled back, or lost with a restored backup, must never come again.
    revision = secrets.randbits(52) + 1
    record_fact(session, REVISION, str(revision))
    return revision


def _calendar(session: Session) -> WorkingCalendar:
    row = CalendarDayRow
    days = session.execute(select(row.day, row.working, row.name_zh, row.name_en))
    return WorkingCalendar((CalendarDay(*day) for day in days), session.scalars(select(CalendarYear.year)))


def _units(session: Session) -> Mapping[int, UnitFacts]:
    rows = session.execute(
        select(
            Unit.id,
            Unit.code,
            Unit.kind,
            Unit.name,
            Unit.name_en,
            Unit.valid_from,
            Unit.valid_to,
            Unit.successor_id,
        ).order_by(Unit.id)
    )
    return MappingProxyType({row[0]: UnitFacts(*row) for row in rows})
