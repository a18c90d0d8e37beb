"""The usual way with SQLAlchemy and transitions: entities, their unit of work, and a Machine for each row.

Like every peer it works on the tables of Lianshen and leaves the same rows there.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from transitions import Machine

from tests.benchmarks.peers.rows import AUDIENCE, DUE_ON, NOW, REMINDED_AT, Part
from tests.benchmarks.rounds import serve
from workflow.storage.tables import Case, Event, Outbox, Step

STATES = [
    "submitted",
    "township_precheck",
    "bureau_review",
    "joint_meeting_approval",
    "public_notice",
    "paid",
]


class Standing:
    """The model of the machine; its guard looks at the row."""

    state: str

    def __init__(self, case: Case) -> None:
        self.case = case
        self.machine = Machine(self, states=STATES, initial=case.state, auto_transitions=False)
        self.machine.add_transition("accept", "submitted", "township_precheck")
        self.machine.add_transition(
            "recommend", "township_precheck", "bureau_review", conditions=["is_held", "is_not_conflicted"]
        )
        self.machine.add_transition("endorse", "bureau_review", "joint_meeting_approval")

    def is_held(self) -> bool:
        return self.case.unit_id is not None

    def is_not_conflicted(self) -> bool:
        return self.case.handler_id not in self.case.duties.get("review", [])


def act(engine: Any, part: Part, case_id: int) -> None:
    with Session(engine) as session:
        case = session.get_one(Case, case_id, with_for_update=True)
        step = session.get_one(Step, (case_id, case.step_number))
        standing, before, previous = Standing(case), case.state, case.chain_head
        standing.recommend()  # type: ignore[attr-defined]
        step.left_at, step.outcome, step.used_days, step.handler_id = NOW, "recommend", 1, part.officer
        case.state, case.version, case.chain_head = standing.state, case.version + 1, "1" * 64
        case.step_number, case.event_number = case.step_number + 1, case.event_number + 1
        case.unit_id, case.handler_id = part.bureau, None
        case.duties = {**case.duties, "precheck": [part.officer]}
        case.due_on, case.next_reminder_at = DUE_ON, REMINDED_AT
        session.add(
            Step(
                case_id=case_id, number=case.step_number, state=case.state, unit_id=part.bureau,
                entered_at=NOW, limit_days=15, due_on=DUE_ON,
            )
        )  # fmt: skip
        session.add(
            Event(
                case_id=case_id, number=case.event_number, action="recommend", actor_id=part.officer,
                unit_id=part.township, from_state=before, to_state=case.state, details={}, salt="0" * 32,
                reason_digest="0" * 64, details_digest="0" * 64, standing={}, at=NOW, recorded_at=NOW,
                previous=previous, digest="1" * 64,
            )
        )  # fmt: skip
        told = {"action": "recommend", "state": case.state, "number": case.number, "due_on": DUE_ON}
        session.add(
            Outbox(
                case_id=case_id, topic="moved", audience=AUDIENCE, unit_id=part.bureau, params=told,
                created_at=NOW,
            )
        )  # fmt: skip
        session.commit()


def main(part: Part) -> None:
    engine, cases = create_engine(part.url), part.cases
    serve(lambda: act(engine, part, next(cases)))


if __name__ == "__main__":
    main(Part.given())
