"""The head of finance sets the budget of a year. Reserving from it is part of approval."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.amounts import whole_yuan
from workflow.applications.unique import insert_unless_known
from workflow.clock.days import shanghai_day
from workflow.errors import InvalidInput, Reason, Refused
from workflow.lists.budget import budget_of
from workflow.people.actors import Actor
from workflow.storage.people import Person
from workflow.storage.reference import Budget

LARGEST_YUAN = 10**12


def may_set_budgets(actor: Actor) -> bool:
    return any(post.role == "finance_officer" and post.is_head for post in actor.posts)


def set_budget(session: Session, year: int, amount: str, officer: Actor, now: datetime) -> Budget:
    """Set the money of this year or the next, typed in whole yuan; never less than approvals reserved."""
    if not may_set_budgets(officer):
        raise Refused(Reason("budget.head_of_finance_only"))
    this_year = shanghai_day(now).year
    if year not in (this_year, this_year + 1):
        raise InvalidInput(Reason("budget.other_year", {"first": this_year, "last": this_year + 1}, "year"))
    amount_yuan = _whole_yuan(amount)
    budget = _locked(session, year, amount_yuan)
    reserved = budget_of(session, year).reserved_yuan
    if amount_yuan < reserved:
        raise InvalidInput(
            Reason("budget.below_reserved", {"year": year, "reserved": reserved}, "amount_yuan")
        )
    budget.amount_yuan = amount_yuan
    budget.set_by_id, budget.set_at = officer.person_id, now
    session.flush()
    return budget


def budget_setters(session: Session, years: Collection[int]) -> Mapping[int, tuple[str, datetime]]:
    """By year, who set the budget that stands, and when; a year without is missing."""
    rows = session.execute(
        select(Budget.year, Person.name, Budget.set_at)
        .join(Person, Person.id == Budget.set_by_id)
        .where(Budget.year.in_(years), Budget.set_at.is_not(None))
    )
    return {year: (name, set_at) for year, name, set_at in rows if set_at is not None}


def _whole_yuan(typed: str) -> int:
    amount = whole_yuan(typed)
    if amount is None or not 0 < amount <= LARGEST_YUAN:
        raise InvalidInput(Reason("budget.not_money", {"most": LARGEST_YUAN}, "amount_yuan"))
    return amount


def _locked(session: Session, year: int, amount_yuan: int) -> Budget:
    """The row of the year, which approvals lock too, so that none reserves between our look and our act."""
    insert_unless_known(session, insert(Budget).values(year=year, amount_yuan=amount_yuan))
    wanted = select(Budget).where(Budget.year == year).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()
