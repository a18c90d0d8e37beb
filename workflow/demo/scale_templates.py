"""Templates of organisations, each with what happened to it: what a copy has in common, and its holes.

What shares a pool, or hangs together by a referral, is copied together, so the money stays right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from workflow.demo.scale_holes import Line, text_hole
from workflow.demo.scale_moving import weeks_to_move
from workflow.demo.scale_played import Played, Row
from workflow.demo.scale_rendering import Differences, claim_key, event_line, row_line
from workflow.process.numbers import APPLICATION_NUMBER, REFERRAL_NUMBER
from workflow.process.scope import APPLICATION

# At how many different times the same story is told.
VARIANTS = 6
# By case, what is copied besides case and events.
_OF_CASE = ("steps", "applications", "payments", "reservations", "referrals")
# Reminders and papers of what has ended went to the archive, as its messages did.
_OF_UNDERWAY = (*_OF_CASE, "reminders", "evidence")
_OF_FIRM = ("organisation_tags", "organisation_accounts")
# The same edition of a prize is one achievement, whoever won it; every other belongs to one firm.
_SHARED = "award_edition"
# The acts by which a case gets its number, with the series it is of and how it is written.
_NUMBERED = {
    "submit": ("application", APPLICATION_NUMBER),
    "sign": ("referral", REFERRAL_NUMBER),
}
_DIGITS, _YEAR = re.compile(r"\d+"), re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class CaseLines:
    """The rows of one case; its events are sealed anew, in their order, before the others are written."""

    events: tuple[Line, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A group at one time: its holes for new ids by table, for what is counted up, and for case numbers."""

    ids: tuple[tuple[str, str], ...]
    counted: tuple[str, ...]
    numbers: tuple[tuple[str, str, int, str], ...]
    cases: tuple[CaseLines, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that belong together; `underway` of its applications have not ended."""

    applications: int
    underway: int
    events: int
    is_referred: bool
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation with who acts for it, and the groups of its cases."""

    kind: str
    ids: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Templates:
    """All there is to copy, and what the played demo already counts."""

    firms: tuple[Firm, ...]
    firms_registered: int
    applications: int
    underway: int
    given_out: Mapping[tuple[str, int], int]


def read_templates(session: Session) -> Templates:
    """What the played demo of this database has to copy from."""
    played = Played(session)
    organisations = played.tables["organisations"]
    firms = [_firm(played, row) for row in organisations if row["id"] in played.groups]
    own = played.of("cases", "process", APPLICATION)
    return Templates(
        firms=tuple(firms),
        firms_registered=len(organisations),
        applications=len(own),
        underway=sum(case["closed_at"] is None for case in own),
        given_out={(row["series"], row["year"]): row["value"] for row in played.tables["counters"]},
    )


def _firm(played: Played, firm: Row) -> Firm:
    posts = played.of("memberships", "organisation_id", firm["id"])
    persons = [row for post in posts for row in played.of("persons", "id", post["person_id"])]
    rows = {name: played.of(name, "organisation_id", firm["id"]) for name in _OF_FIRM}
    rows = {"organisations": [firm], "persons": persons, "memberships": posts, **rows}
    ids = {(name, row["id"]): f"{name}:{row['id']}" for name in rows for row in rows[name] if "id" in row}
    by = Differences(played.dialect, ids, {firm["name"]: f"{firm['name']}（{text_hole('firm')}）"})
    new: dict[str, dict[str, object]] = {
        "organisations": {
            **{name: text_hole(name) for name in ("credit_code", "code_end")},
            "contact_phone": text_hole("phone"),
        },
        # Nobody looks for one of thousands in the list of sample people to sign in as.
        "persons": {"is_sample": False, **{name: text_hole(name) for name in ("account", "phone", "email")}},
    }
    return Firm(
        kind=firm["kind"],
        ids=_by_hole(ids),
        lines=tuple(row_line(name, row, by, **new.get(name, {})) for name in rows for row in rows[name]),
        groups=tuple(_group(played, case_ids, by) for case_ids in played.groups[firm["id"]]),
    )


def _group(played: Played, case_ids: Sequence[int], by: Differences) -> Group:
    cases = [played.cases[case_id] for case_id in case_ids]
    moves = weeks_to_move(
        cases,
        played.rows("steps", case_ids),
        played.rows("events", case_ids),
        [row["awarded_on"] for row in played.rows("applications", case_ids) if row["awarded_on"]],
        played.reference.calendar,
        VARIANTS,
    )
    own = [case for case in cases if case["process"] == APPLICATION]
    return Group(
        applications=len(own),
        underway=sum(case["closed_at"] is None for case in own),
        events=len(played.rows("events", case_ids)),
        is_referred=len(own) < len(cases),
        variants=tuple(_variant(played, case_ids, replace(by, earlier=move)) for move in moves),
    )


def _variant(played: Played, case_ids: Sequence[int], by: Differences) -> Variant:
    achievements = _own_achievements(played, case_ids)
    underway = [case_id for case_id in case_ids if not played.cases[case_id]["closed_at"]]
    rows = {"payments": played.rows("payments", case_ids), "evidence": played.rows("evidence", underway)}
    rows |= {"achievements": achievements, "cases": [played.cases[case_id] for case_id in case_ids]}
    rows["pools"] = _pools(played, case_ids)
    ids = {(name, row["id"]): f"{name}:{row['id']}" for name in rows for row in rows[name]}
    numbered = [case for case in rows["cases"] if case["number"]]
    texts = {case["number"]: text_hole(_number_hole(case)) for case in numbered}
    for row in rows["payments"]:
        texts |= {row["voucher"]: _recounted("voucher", row, row["voucher"])} if row["voucher"] else {}
    for row in achievements:
        texts |= _spellings(played, row, case_ids)
    by = replace(by, keys={**by.keys, **ids}, texts={**by.texts, **texts})
    first, *others = (_case(played, case, by) for case in rows["cases"])
    known = tuple(row_line(name, row, by) for name in ("achievements", "pools") for row in rows[name])
    counted = [_count_hole("voucher", row) for row in rows["payments"]]
    return Variant(
        ids=_by_hole(ids),
        counted=(*counted, *(_count_hole("achievement", row) for row in achievements)),
        numbers=tuple(_number(played, case, by) for case in numbered),
        cases=(replace(first, lines=(*known, *first.lines)), *others),
    )


def _case(played: Played, case: Row, by: Differences) -> CaseLines:
    events = played.rows("events", [case["id"]])
    if case["closed_at"]:
        events = [_without_papers(event) for event in events]
    others = [
        row_line(name, row, by, **_own_cells(name, row, events, by))
        for name in (_OF_CASE if case["closed_at"] else _OF_UNDERWAY)
        for row in played.rows(name, [case["id"]])
    ]
    return CaseLines(
        events=tuple(event_line(event, by) for event in events),
        lines=(row_line("cases", case, by, chain_head=text_hole("head")), *others),
    )


def _without_papers(event: Row) -> Row:
    """A submission whose papers are not copied says that there were none."""
    if "evidence" not in event["details"]:
        return event
    return {**event, "details": {**event["details"], "evidence": []}}


def _own_cells(name: str, row: Row, events: Sequence[Row], by: Differences) -> dict[str, object]:
    """What is not to be had from the row and the differences alone."""
    if name == "reservations":
        return {"year": row["year"] + _years_moved(events, by)}
    if name == "applications" and row["claim_key"]:
        return {"claim_key": claim_key(row["claim_key"], by)}
    return {}


def _years_moved(events: Sequence[Row], by: Differences) -> int:
    """By how many years the approval lies earlier, which is the year its money was reserved in."""
    approvals = [event["at"] for event in events if event["action"] == "approve"]
    return by.years_moved(approvals[0]) if approvals else 0


def _number(played: Played, case: Row, by: Differences) -> tuple[str, str, int, str]:
    """The hole of a case's number, its series and year, and how it is written."""
    event = next(row for row in played.rows("events", [case["id"]]) if row["action"] in _NUMBERED)
    series, written = _NUMBERED[event["action"]]
    return _number_hole(case), series, by.day_of(event["at"]).year, written


def _number_hole(case: Row) -> str:
    return f"number:{case['id']}"


def _count_hole(kind: str, row: Row) -> str:
    return f"{kind}:{row['id']}"


def _pools(played: Played, case_ids: Sequence[int]) -> list[Row]:
    of_group = {(row["organisation_id"], row["award_year"]) for row in played.rows("applications", case_ids)}
    return [row for row in played.tables["pools"] if (row["organisation_id"], row["award_year"]) in of_group]


def _own_achievements(played: Played, case_ids: Sequence[int]) -> list[Row]:
    ids = {row["achievement_id"] for row in played.rows("applications", case_ids)}
    return [row for row in played.tables["achievements"] if row["id"] in ids and row["kind"] != _SHARED]


def _spellings(played: Played, achievement: Row, case_ids: Sequence[int]) -> Mapping[str, str]:
    """How an achievement is written in the register and on the forms, and how a copy's is."""
    written = {achievement["key"], achievement["title"]}
    for row in played.rows("applications", case_ids):
        typed = (value for value in row["facts"].values() if isinstance(value, str))
        written |= {value for value in typed if _bare(value) == _bare(achievement["key"])}
    return {text: _recounted("achievement", achievement, text) for text in written if _DIGITS.search(text)}


def _bare(text: str) -> str:
    """The letters and digits alone: the register writes some signs in another way than the forms."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text)).lower()


def _recounted(kind: str, row: Row, text: str) -> str:
    """The text with a hole for the last number in it that is not a year."""
    *_, run = (run for run in _DIGITS.finditer(text) if not _YEAR.fullmatch(run[0]))
    return f"{text[: run.start()]}{text_hole(_count_hole(kind, row))}{text[run.end() :]}"


def _by_hole(ids: Mapping[tuple[str, int], str]) -> tuple[tuple[str, str], ...]:
    return tuple((hole, table) for (table, _), hole in ids.items())
