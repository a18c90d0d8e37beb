"""What an application claims, on which papers and for which account, against what its events tell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from workflow.applications.snapshot import SUBMISSIONS, typed_facts
from workflow.storage.cases import Application, Evidence
from workflow.storage.people import OrganisationAccount
from workflow.storage.types import canonical_json


@dataclass(slots=True)
class ToldClaim:
    """An application as its events tell it; empty is what no event told, or what was erased."""

    columns: dict[str, Any] = field(default_factory=dict)
    submission: Mapping[str, Any] = field(default_factory=dict)
    # Whether the organisation may have changed form and papers since it submitted them.
    reopened: bool = False
    confirmed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts_are_fixed(self) -> bool:
        return not self.reopened or self.columns.get("approved_at") is not None


def claim_told_by(history: Iterable[Any]) -> ToldClaim:
    told = ToldClaim()
    for event in history:
        standing = event.standing
        told.columns |= standing.get("application", {})
        told.confirmed = standing.get("account_confirmed", told.confirmed)
        if event.action in SUBMISSIONS:
            told.submission, told.reopened = event.details, False
        elif standing.get("waiting"):
            told.reopened = True
    return told


def claim_differences(history: Iterable[Any], row: Any, papers: Sequence[Any]) -> Iterator[str]:
    """The kinds of what the tables say otherwise than the events of an application."""
    told = claim_told_by(history)
    if _application_differs(told, row):
        yield "application_changed"
    if _papers_differ(told, papers):
        yield "evidence_changed"
    if _account_differs(told, row):
        yield "account_changed"


def applications_with_accounts() -> Select[*tuple[Any, ...]]:
    """The applications in the order of their cases, each with its account."""
    account = OrganisationAccount
    return (
        select(
            *Application.__table__.c, account.holder, account.bank, account.number,
            account.confirmed_at, account.confirmed_by_id,
        )
        .outerjoin(account, account.id == Application.account_id)
        .order_by(Application.case_id)
    )  # fmt: skip


def papers_of_cases() -> Select[*tuple[Any, ...]]:
    columns = Evidence.case_id, Evidence.requirement, Evidence.sha256, Evidence.removed_at
    return select(*columns).order_by(Evidence.case_id)


def _application_differs(told: ToldClaim, row: Any) -> bool:
    now = {name: getattr(row, name) for name in told.columns}
    if canonical_json(now) != canonical_json(told.columns):
        return True
    submission = told.submission
    if not submission:
        return False
    if row.line != submission["line"]:
        return True
    if told.facts_are_fixed and typed_facts(row.facts) != submission["facts"]:
        return True
    return not told.reopened and row.account_id != submission["account_id"]


def _papers_differ(told: ToldClaim, papers: Sequence[Any]) -> bool:
    """What was submitted stays stored; what is in the file now is what was submitted last."""
    if not told.submission:
        return False
    submitted = Counter((file["requirement"], file["sha256"]) for file in told.submission["evidence"])
    stored = Counter((row.requirement, row.sha256) for row in papers)
    if submitted - stored:
        return True
    given = Counter((row.requirement, row.sha256) for row in papers if row.removed_at is None)
    return not told.reopened and given != submitted


def _account_differs(told: ToldClaim, row: Any) -> bool:
    submission, confirmed = told.submission, told.confirmed
    words = {"holder": row.holder, "bank": row.bank, "number": row.number}
    if submission.get("account_id") == row.account_id and submission.get("account", words) != words:
        return True
    if not confirmed or confirmed["account_id"] != row.account_id:
        return False
    now = {"officer_id": row.confirmed_by_id, "confirmed_at": row.confirmed_at}
    return canonical_json({"account_id": row.account_id, **now}) != canonical_json(confirmed)
