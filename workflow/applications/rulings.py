"""The bureau decides on a doubtful point of a policy (解释), and what was decided on it so far.

What a ruling changes is the business of `policy.rulings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.lists.scope import visible
from workflow.people.actors import Actor
from workflow.people.names import character_reasons
from workflow.policy.rulings import ruling_problems
from workflow.policy.terms import Policy, Ruling
from workflow.storage.cases import Achievement, Application, Case
from workflow.storage.people import Person
from workflow.storage.reference import RulingRow

LONGEST_MINUTES = 200


@dataclass(frozen=True, slots=True)
class TypedRuling:
    """What is typed about a ruling; `application` is the number of the one it is for, empty when general."""

    point: str
    option: str
    decided_on: date | None
    minutes: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True)
class RulingLine:
    """One decision on a point; `scope` is the achievement it is for alone, in words."""

    option: str
    decided_on: date
    decided_by: str
    minutes: str
    scope: str | None


def may_decide_rulings(actor: Actor) -> bool:
    """解释权: the head of the bureau."""
    return any(post.role == "bureau_reviewer" and post.is_head for post in actor.posts)


def decide_ruling(
    session: Session, policy: Policy, typed: TypedRuling, officer: Actor, today: date
) -> RulingRow:
    """Record a ruling; it counts from its day on. InvalidInput with every reason, each at its field."""
    if not may_decide_rulings(officer):
        raise Refused(Reason("ruling.head_of_bureau_only"))
    if policy.point(typed.point) is None:
        raise NotFound(Reason("not_found"))
    scope, reasons = _scope(session, typed.application, officer)
    reasons += [*_text_reasons(typed), *_day_reasons(typed.decided_on, policy, today)]
    wanted = Ruling(typed.point, typed.option, typed.decided_on or today, officer.name, scope=scope)
    # An application that was not found is said at its field already.
    if scope is not None or not typed.application.strip():
        reasons += [*ruling_problems(wanted, policy), *_against_the_last(session, policy, wanted)]
    if reasons:
        raise InvalidInput(*reasons)
    row = RulingRow(
        policy=policy.code,
        point=wanted.point,
        option=wanted.option,
        scope=scope,
        decided_on=wanted.decided_on,
        decided_by_id=officer.person_id,
        minutes=typed.minutes.strip() or None,
    )
    session.add(row)
    session.flush()
    return row


def rulings_on(
    session: Session, policy: Policy, point: str | None = None
) -> Iterator[tuple[str, RulingLine]]:
    """What was decided on one point of a policy, or on all, with the point's code; the latest first."""
    title = select(Achievement.title).where(Achievement.key == RulingRow.scope).limit(1).scalar_subquery()
    decided = (
        select(RulingRow, Person.name, title)
        .join(Person, Person.id == RulingRow.decided_by_id)
        .where(RulingRow.policy == policy.code)
        .order_by(RulingRow.decided_on.desc(), RulingRow.id.desc())
    )
    if point is not None:
        decided = decided.where(RulingRow.point == point)
    for row, name, achievement in session.execute(decided):
        scope = None if row.scope is None else achievement or row.scope
        yield row.point, RulingLine(row.option, row.decided_on, name, row.minutes or "", scope)


def _scope(session: Session, application: str, officer: Actor) -> tuple[str | None, list[Reason]]:
    """The achievement of the application of this number, in the spelling of the register."""
    number = application.strip().upper()
    if not number:
        return None, []
    key = session.scalar(
        select(Achievement.key)
        .join(Application, Application.achievement_id == Achievement.id)
        .join(Case, Case.id == Application.case_id)
        .where(Case.number == number, visible(officer))
    )
    if key is None:
        return None, [Reason("ruling.no_such_application", {"number": number}, "scope")]
    return key, []


def _text_reasons(typed: TypedRuling) -> list[Reason]:
    minutes = typed.minutes.strip()
    if len(minutes) > LONGEST_MINUTES:
        return [Reason("name.too_long", {"most": LONGEST_MINUTES}, "minutes")]
    return character_reasons(minutes, "minutes")


def _day_reasons(decided_on: date | None, policy: Policy, today: date) -> list[Reason]:
    if decided_on is None:
        return [Reason("ruling.day_missing", {}, "decided_on")]
    if decided_on > today:
        return [Reason("ruling.day_ahead", {}, "decided_on")]
    if decided_on < policy.valid_from:
        return [Reason("ruling.before_policy", {"day": policy.valid_from.isoformat()}, "decided_on")]
    return []


def _against_the_last(session: Session, policy: Policy, wanted: Ruling) -> list[Reason]:
    """Of several rulings the latest counts: one with an earlier day, or the same again, would say nothing."""
    same_scope = RulingRow.scope.is_(None) if wanted.scope is None else RulingRow.scope == wanted.scope
    last = session.execute(
        select(RulingRow.option, RulingRow.decided_on)
        .where(RulingRow.policy == policy.code, RulingRow.point == wanted.point, same_scope)
        .order_by(RulingRow.decided_on.desc(), RulingRow.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return []
    day = {"day": last.decided_on.isoformat()}
    reasons = []
    if last.option == wanted.option:
        reasons.append(Reason("ruling.reads_so_already", day, "option"))
    if wanted.decided_on < last.decided_on:
        reasons.append(Reason("ruling.before_the_last", day, "decided_on"))
    return reasons
