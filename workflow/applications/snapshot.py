"""What was submitted, as the history keeps it: facts as typed, evidence by digest, the amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.applications.dossier import Dossier
from workflow.applications.evidence import GivenEvidence
from workflow.process.overtaking import LAST_SAVED
from workflow.storage.cases import Event
from workflow.storage.people import OrganisationAccount

SUBMISSIONS = ("submit", "resubmit")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One submission. `evidence` holds requirement and SHA-256 of every file."""

    facts: Mapping[str, str]
    evidence: tuple[tuple[str, str], ...]
    account_id: int | None
    # Holder, bank and number.
    account: Mapping[str, str]
    verdict: Mapping[str, Any]

    def as_details(self) -> dict[str, Any]:
        files = [{"requirement": code, "sha256": sha256} for code, sha256 in self.evidence]
        return {
            **self.verdict,
            "facts": dict(self.facts),
            "evidence": files,
            "account_id": self.account_id,
            "account": dict(self.account),
        }


def account_words(account: OrganisationAccount) -> dict[str, str]:
    """Where money goes, as the history and a payment keep it."""
    return {"holder": account.holder, "bank": account.bank, "number": account.number}


def typed_facts(facts: Mapping[str, Any]) -> dict[str, str]:
    """What stands on the form, without the note of who saved it."""
    return {code: text for code, text in facts.items() if text and code != LAST_SAVED}


def snapshot_of(
    dossier: Dossier, evidence: Sequence[GivenEvidence], account: OrganisationAccount | None
) -> Snapshot:
    """What is submitted now, and the line, policy and amount it was found to claim."""
    reading = dossier.reading
    awarded_on = reading.awarded_on
    return Snapshot(
        facts=typed_facts(dossier.entered.facts),
        evidence=tuple((each.requirement, each.sha256) for each in evidence),
        account_id=None if account is None else account.id,
        account={} if account is None else account_words(account),
        verdict={
            "line": dossier.line.code,
            "policy": dossier.policy.code,
            "policy_digest": dossier.policy.digest,
            "awarded_on": awarded_on.isoformat() if awarded_on else None,
            "achievement": reading.achievement_key,
            "amount_yuan": dossier.amount_yuan,
        },
    )


def last_snapshot(session: Session, case_id: int) -> Snapshot:
    """The submission before, out of the history; an empty one when there was none."""
    submitted = (
        select(Event.details)
        .where(Event.case_id == case_id, Event.action.in_(SUBMISSIONS))
        .order_by(Event.number.desc())
        .limit(1)
    )
    details = session.scalar(submitted) or {}
    files = tuple((file["requirement"], file["sha256"]) for file in details.get("evidence", ()))
    account = details.get("account", {})
    return Snapshot(details.get("facts", {}), files, details.get("account_id"), account, {})


def changes_between(earlier: Snapshot, later: Snapshot) -> dict[str, Any]:
    """Which facts, files and account a correction changed, old and new value of each."""
    codes = sorted(earlier.facts.keys() | later.facts.keys())
    before, after = set(earlier.evidence), set(later.evidence)
    return {
        "facts": [
            {"field": code, "from": earlier.facts.get(code, ""), "to": later.facts.get(code, "")}
            for code in codes
            if earlier.facts.get(code, "") != later.facts.get(code, "")
        ],
        "evidence_added": [list(file) for file in sorted(after - before)],
        "evidence_removed": [list(file) for file in sorted(before - after)],
        "account": earlier.account_id != later.account_id,
    }
