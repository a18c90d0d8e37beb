"""Plays the beats of the demo through the engine, as the people they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from workflow.demo.cast import Cast, Standing, standing_of
from workflow.demo.claims import Claim
from workflow.demo.course import (
    COLLEAGUE,
    CONFIRM_ACCOUNT,
    COPY,
    DRAFT,
    DRAFT_REFERRAL,
    NEW_ACCOUNT,
    TIMER,
    Beat,
)
from workflow.demo.forms import Forms
from workflow.demo.remarks import FACTS, remark
from workflow.people.actors import Actor
from workflow.process.perform import perform
from workflow.referrals.drafting import draft_referral
from workflow.storage.cases import Application


@dataclass(slots=True)
class Played:
    """A story while it is played: its claim, and its cases as soon as they exist."""

    claim: Claim
    case_id: int = 0
    referral_id: int = 0


class Stage:
    """Where beats are played: the people, their forms, and the numbers of vouchers."""

    def __init__(self, cast: Cast, forms: Forms, chance: Random) -> None:
        self._cast = cast
        self._forms = forms
        self._chance = chance
        self._vouchers = 0

    def play(self, session: Session, played: Played, beat: Beat, now: datetime) -> None:
        """One beat, in this transaction. What the engine refuses is a fault of the story and is raised."""
        if beat.act == DRAFT:
            played.case_id = self._forms.draft(session, played.claim, beat.by, now)
        elif beat.act == COPY:
            played.case_id = self._forms.copy(session, played.case_id, now)
        elif beat.act == NEW_ACCOUNT:
            self._forms.name_other_account(session, played.case_id, now)
        elif beat.act == CONFIRM_ACCOUNT:
            officer = self._cast.township_officer(standing_of(session, played.case_id).township_id)
            self._forms.confirm_account(session, played.case_id, officer, now)
        elif beat.act == DRAFT_REFERRAL:
            played.referral_id = self._draft_referral(session, played.case_id, beat, now)
        elif beat.act != TIMER:
            self._act(session, played.referral_id if beat.on_referral else played.case_id, beat, now)

    def _act(self, session: Session, case_id: int, beat: Beat, now: datetime) -> None:
        at = standing_of(session, case_id)
        if beat.act == "take_on" and at.handler_id is not None:
            return
        actor = self._cast.person_for(session, beat.act, beat.by, at, now)
        if beat.act == "accept":
            self._forms.confirm_account(session, case_id, actor, now)
        elif beat.act == "resubmit":
            self._forms.add_papers(session, case_id, actor, now)
        inputs = {**self._written(at, beat), **self._meant(session, at, actor, beat, now), **beat.inputs}
        perform(session, case_id, beat.act, actor, now=now, seen_version=at.version, **inputs)

    def _written(self, at: Standing, beat: Beat) -> dict[str, Any]:
        """The texts of the action's inputs."""
        texts = {name: remark(beat.act, name, self._chance) for name in at.state.actions[beat.act].inputs}
        return {name: text for name, text in texts.items() if text is not None}

    def _meant(
        self, session: Session, at: Standing, actor: Actor, beat: Beat, now: datetime
    ) -> dict[str, Any]:
        """Persons, amounts and vouchers, which follow from how the case stands."""
        match beat.act:
            case "hand_over":
                # A head who does not hold the case takes it herself; a handler gives it to a colleague.
                own = actor.person_id == at.handler_id
                person = self._cast.person_for(session, "take_on", COLLEAGUE, at, now) if own else actor
                return {"handler": person.person_id}
            case "order_handling":
                return {"handler": self._cast.ordered(session, actor, at, now).person_id}
            case "confirm":
                return {"voucher": self._voucher("拨")}
            case "prepare" if beat.share < 1:
                return {"amount_yuan": int(_application(session, at).approved_yuan * beat.share)}
            case "record_return":
                return {"amount_yuan": _application(session, at).paid_yuan, "voucher": self._voucher("退")}
            case "record_recovery":
                amount = int(_application(session, at).recover_yuan * beat.share)
                return {"amount_yuan": amount, "voucher": self._voucher("收")}
        return {}

    def _voucher(self, kind: str) -> str:
        self._vouchers += 1
        return f"示例{kind}字第{self._vouchers:04d}号"

    def _draft_referral(self, session: Session, case_id: int, beat: Beat, now: datetime) -> int:
        officer = self._cast.officer(beat.by)
        typed = {"problem": "slowness", "account_of_facts": FACTS, "clue": str(beat.inputs.get("clue", ""))}
        case = draft_referral(
            session,
            officer,
            now=now,
            application_id=case_id,
            about_unit_id=None,
            about_person_id=None,
            typed=typed,
        )
        return case.id


def _application(session: Session, at: Standing) -> Application:
    return session.get_one(Application, at.case_id, populate_existing=True)
