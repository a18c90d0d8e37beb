"""The course of one sample application: what is done to it, by whom, after how many working days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from workflow.process.definition import Process

APPLICANT, HANDLER, COLLEAGUE, HEAD, TOWNSHIP = "applicant", "handler", "colleague", "head", "township"
# How often an office is late where nothing else was asked for.
LATE_SHARE = 0.12
NOTICE = "public_notice"
# What is not an action of the process: done by other doors of the engine, or by its timers.
DRAFT, COPY, CONFIRM_ACCOUNT, NEW_ACCOUNT, DRAFT_REFERRAL, TIMER = (
    "draft", "copy", "confirm_account", "new_account", "draft_referral", "timer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beat:
    """One act, `days` working days after the one before. `share` is the part of an amount that is meant."""

    days: int
    act: str
    by: str
    on_referral: bool = False
    share: float = 1.0
    inputs: Mapping[str, Any] = field(default_factory=dict)


class Course:
    """Beats in their order, written with the officers' verbs; knows how long the present stay has lasted."""

    def __init__(self, chance: Random, process: Process) -> None:
        self.beats: list[Beat] = []
        self._chance = chance
        self._limits = {name: state.limit_days or 0 for name, state in process.states.items()}
        self._stay = 0
        self._used_before = 0

    @property
    def total(self) -> int:
        """Working days from the first beat to the last."""
        return sum(beat.days for beat in self.beats)

    def since(self, state: str, left: int) -> int:
        """How many working days ago the last beat was, if the step in `state` has `left` days to go now."""
        limit = max(1, self._limits[state] - self._used_before)
        return limit - left - self._stay

    def stay(self, days: int, act: str, by: str = HANDLER, share: float = 1.0, **inputs: Any) -> Course:
        """An act after which the case is where it was."""
        self.beats.append(Beat(days, act, by, share=share, inputs=inputs))
        self._stay += days
        return self

    def move(self, days: int, act: str, by: str = HANDLER, share: float = 1.0, **inputs: Any) -> Course:
        """An act after which the case is somewhere else."""
        self.beats.append(Beat(days, act, by, share=share, inputs=inputs))
        self._stay = self._used_before = 0
        return self

    def of_referral(self, days: int, act: str, by: str = HANDLER, **inputs: Any) -> Course:
        """An act on the referral of this application, or on one that stands alone."""
        self.beats.append(Beat(days, act, by, on_referral=True, inputs=inputs))
        self._stay += days
        return self

    def decided(self, act: str, state: str, late: int | None = None, **inputs: Any) -> Course:
        """The step ends by this act: in time as a rule, or `late` working days past its due day."""
        if late is None and self._chance.random() < LATE_SHARE:
            late = self._chance.randint(1, 4)
        limit = max(1, self._limits[state] - self._used_before)
        lasts = limit + late if late else self._chance.randint(max(1, limit // 3), max(1, limit - 1))
        return self.move(max(0, lasts - self._stay), act, **inputs)

    def taken(self, within: int = 2) -> Course:
        return self.stay(self._chance.randint(0, within), "take_on")

    def submitted(self, by: str = APPLICANT) -> Course:
        self.stay(0, DRAFT, by)
        return self.move(self._chance.randint(0, 3), "submit", by)

    def in_precheck(self, by: str = APPLICANT, late: int | None = None) -> Course:
        return self.submitted(by).taken().decided("accept", "submitted", late)

    def in_review(self, by: str = APPLICANT, late: int | None = None) -> Course:
        return self.in_precheck(by).decided("recommend", "township_precheck", late)

    def in_meeting(self, late: int | None = None) -> Course:
        return self.in_review().taken(4).decided("endorse", "bureau_review", late)

    def in_notice(self, late: int | None = None) -> Course:
        return self.in_meeting().taken(5).decided("approve", "joint_meeting_approval", late)

    def notice_over(self) -> Course:
        """The days of the notice pass; its timer acts in the night before this beat."""
        left = max(1, self._limits[NOTICE] - self._used_before)
        return self.move(left + 1, TIMER, "system")

    def in_payment(self, late: int | None = None) -> Course:
        return self.in_notice(late).notice_over()

    def prepared(self, share: float = 1.0) -> Course:
        return self.taken(3).stay(self._chance.randint(1, 4), "prepare", share=share)

    def confirmed(self) -> Course:
        return self.move(self._chance.randint(1, 3), "confirm")

    def paid(self) -> Course:
        return self.in_payment().prepared().confirmed()

    def corrected(self, days: int = 1, answered: int = 4, by: str = APPLICANT) -> Course:
        """A correction asked and answered; the office's clock goes on where it stopped."""
        used = self.asked(days)
        self.move(answered, "resubmit", by)
        self._used_before = used
        return self

    def asked(self, days: int = 1) -> int:
        """A correction asked and not answered yet; returns the working days the office has used."""
        used = self._used_before + self._stay + days
        self.move(days, "request_correction")
        return used

    def objected(self, days: int = 2) -> Course:
        """An objection during the notice; whoever approved does not check it."""
        return self.move(days, "object", COLLEAGUE).taken()

    def dismissed(self, notice_used: int = 2) -> Course:
        self.decided("dismiss_objection", "objection_check")
        self._used_before = notice_used
        return self

    def referred(self, days: int) -> Course:
        """So many days later the late step is referred: drafted, signed by the head; the case goes along."""
        self.of_referral(days, DRAFT_REFERRAL, "joint_meeting_officer")
        self.of_referral(self._chance.randint(0, 2), "sign", HEAD)
        self._stay = self._used_before = 0
        return self

    def ordered(self, days: int = 1, limit_days: int = 3) -> Course:
        """The efficiency office orders another officer to handle the case; her clock starts anew."""
        self.taken(0).move(days, "order_handling", limit_days=limit_days)
        return self
