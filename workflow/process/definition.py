"""What a process is (流程), frozen after load: states, actions, who may, limits, timers, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

STAY = "stay"
SYSTEM_ROLE = "system"
APPLICANT_ROLE = "applicant"
ORGANISATION = "organisation"
NOBODY = "nobody"
FORMER_UNIT = "former_unit"

ROLES = (
    APPLICANT_ROLE,
    "township_officer",
    "bureau_reviewer",
    "joint_meeting_officer",
    "finance_officer",
    "efficiency_officer",
    "supervisor",
    "leader",
    "administrator",
    SYSTEM_ROLE,
)
# Which kind of unit may hold a state; `unit` is the unit the case is about (a referral's rectification).
UNIT_HOLDERS = ("township", "bureau", "joint_meeting_office", "finance", "efficiency_office", "unit")
HOLDERS = (ORGANISATION, NOBODY, *UNIT_HOLDERS)
# `former_unit` held the case before it was taken away; `about_unit` is the one a referral is about.
AUDIENCES = (
    "organisation", "handler", "unit", "head", "supervisor", "leader", "joint_meeting_office",
    FORMER_UNIT, "about_unit",
)  # fmt: skip
RELATIONS = ("holder", "township", "organisation", "any", "system")
CONTINUE, RESTART, RESUME = CLOCKS = ("continue", "restart", "resume")
# What somebody takes part in by deciding; who may not do two of them is `reasons.SEPARATE_DUTIES`.
DUTIES = (
    "entry", "precheck", "review", "approval", "objection", "payment", "revocation", "recovery", "decide",
)  # fmt: skip
# What the system does beside the timers of states, because something else than the time has changed.
SYSTEM_ACTIONS = ("move_due_day",)
# The choosers that read where the case came from.
LEADS_BACK = ("origin", "correction_outcome", "lapse_outcome")
LEVELS = ("blue", "yellow", "red")


@dataclass(frozen=True, slots=True)
class Permission:
    """A role and how it must stand to the case.

    `of` is holder (serves in the unit that holds the case), township (of the case's township), organisation
    (acts for the case's organisation), any (anywhere) or system.
    """

    role: str
    of: str = "holder"
    head: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What a person or a timer may do to a case in one state (办理动作)."""

    name: str
    destinations: tuple[str, ...]
    by: tuple[Permission, ...]
    line: int
    choose: str | None = None
    duty: str | None = None
    money: bool = False
    any_officer: bool = False
    offered: bool = True
    # Shown only to whom it is available; its reasons against would only be noise.
    quiet: bool = False
    recallable: bool = False
    # How the clock of the destination goes on when the case comes back to it: it continues with the days that
    # are left, restarts with all, or resumes as if the case had never been away.
    returns: str | None = None
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    # Input name -> required.
    inputs: Mapping[str, bool] = field(default_factory=dict)
    tell: tuple[str, ...] = ()

    @property
    def stays(self) -> bool:
        return self.destinations == (STAY,)

    @property
    def head_only(self) -> bool:
        """Whether nobody may do it who is not the head: it is shown to others of the role, and says so."""
        return all(permission.head for permission in self.by)

    @property
    def leads_back(self) -> bool:
        return self.choose in LEADS_BACK


@dataclass(frozen=True, slots=True)
class Alerts:
    """Thresholds and recipients of the alert levels of a state."""

    near_days: int = 2
    recipients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can stand. `limit_days` is None for an explicit "none"."""

    name: str
    holder: str
    limit_days: int | None
    line: int
    actions: Mapping[str, Action]
    final: bool = False
    waiting: bool = False
    timer: str | None = None
    alerts: Alerts | None = None
    on_track: bool = False

    @property
    def held_by_unit(self) -> bool:
        return self.holder in UNIT_HOLDERS

    @property
    def can_be_late(self) -> bool:
        """Whether an office has to act: where only a timer ends the stay nobody is late."""
        return self.held_by_unit and self.timer is None

    @property
    def is_reminded(self) -> bool:
        """Whether alerts are told: not by an office that only waits for a timer, but by who has to answer."""
        return self.alerts is not None and (self.timer is None or self.waiting)

    @property
    def origins(self) -> frozenset[str]:
        """The states that an action leads back to by where the case came from."""
        return frozenset(
            name for action in self.actions.values() if action.leads_back for name in action.destinations
        )


@dataclass(frozen=True)
class Process:
    """A versioned definition (流程)."""

    code: str
    version: int
    initial: str
    series: str
    states: Mapping[str, State]
    digest: str
    source: str

    def action(self, state: str, name: str) -> Action | None:
        """The action of that name in that state, if there is one."""
        return self.states[state].actions.get(name)

    @cached_property
    def actions(self) -> frozenset[str]:
        return frozenset(name for state in self.states.values() for name in state.actions)

    @cached_property
    def money_actions(self) -> frozenset[str]:
        """The actions that touch money in some state; the pool is locked before the case for them."""
        return frozenset(
            action.name for state in self.states.values() for action in state.actions.values() if action.money
        )

    @cached_property
    def track(self) -> tuple[str, ...]:
        """The states of the straight way, in their order, for drawing."""
        return tuple(state.name for state in self.states.values() if state.on_track)
