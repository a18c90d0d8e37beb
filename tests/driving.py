"""Random people doing random things to cases through the one door, checked after every step.

`choose` picks from a list; Hypothesis, or a seeded random, decides how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from sqlalchemy import delete, select, update

from tests import invariants
from tests.world import CHANGLE, OFFICERS, ORGANISATIONS, SINCE, World
from workflow.district import load_district
from workflow.errors import InvalidInput, NotFound, Overtaken, Refused, WorkflowError
from workflow.people.actors import Actor
from workflow.people.memberships import add_membership
from workflow.people.persons import PersonParticulars, add_person
from workflow.process.available import Available, available
from workflow.process.definition import Permission, State
from workflow.process.loading import load_process
from workflow.process.perform import perform
from workflow.referrals.drafting import draft_referral
from workflow.storage import tables
from workflow.storage.tables import Membership, OrganisationAccount, Person, Unit
from workflow.sweeps.timers import due_timers, run_timers

T = TypeVar("T")


class Choose(Protocol):
    def __call__(self, options: Sequence[T], /) -> T: ...


POLICY = load_district(CHANGLE).policies()[0]
PROCESSES = {
    process.code: process for process in map(load_process, sorted((CHANGLE / "processes").glob("*.toml")))
}
ITEMS = {line.code: line.item for line in POLICY.lines}
ONCE_PER = {line.code: line.once_per for line in POLICY.lines}
# Two people with a foot on either side: they serve in an office and for a firm.
TWO_SIDED = (
    ("dongmin", "董敏", "350112104", "township_officer", "donglong"),
    ("dongfang", "董芳", "350112-CZJ", "finance_officer", "donglong"),
)
HEADS = {officer[0] for officer in OFFICERS if officer[4]}
PEOPLE = tuple(officer[0] for officer in OFFICERS) + tuple(firm[0] for firm in ORGANISATIONS)
PEOPLE += tuple(person[0] for person in TWO_SIDED)
ROLES: Mapping[str, tuple[str, ...]] = {
    role: tuple(account for account, _, _, its_role, *_ in (*OFFICERS, *TWO_SIDED) if its_role == role)
    for role in {officer[3] for officer in OFFICERS}
} | {"applicant": tuple(firm[0] for firm in ORGANISATIONS), "system": ("system",)}

# Two city awards, a provincial one and its nomination share a pool; a standard and a certificate do not.
LINES = ("Q1-5", "Q1-5", "Q1-3", "Q1-4", "S2-2", "M4-1")
STAGES = ("draft", "submitted", "in_precheck", "in_review", "in_meeting", "in_notice", "awaiting_payment")
STAGES += ("paid", "paid", "paid")
OMITTED = object()
INPUTS: Mapping[str, tuple[object, ...]] = {
    "reason": ("理由", "理由", "理由", "", OMITTED, "长" * 2001, "\x00"),
    "note": ("意见", OMITTED, "  "),
    "objector": ("某某", "某某", "", "两\n行"),
    "defects": (["证书不清"], ["证书不清", "缺合同"], [], "一\n二"),
    "document_number": ("长政综〔2026〕1号", "长政综〔2026〕2号", OMITTED),
    "voucher": (*(f"凭证{number}" for number in range(1, 25)), "", OMITTED),
    "amount_yuan": (OMITTED, 100_000, 500_000, "250,000", 400_000, 10**13, -5, "五万", True),
    "limit_days": (1, 3, 10, 0, 999, "三"),
    "finding": ("true", "partly_true", "untrue", "perhaps"),
    "decision": ("批评教育", "责令整改", ""),
}
CLOCK: tuple[Mapping[str, float], ...] = (
    {"minutes": 20}, {"hours": 6}, {"days": 1}, {"days": 2}, {"days": 4}, {"days": 9}, {"days": 35},
    {"hours": -5},
)  # fmt: skip
WIPED = (
    tables.Outbox, tables.Evidence, tables.Payment, tables.Reservation, tables.Referral, tables.Event,
    tables.Step, tables.Application, tables.Case, tables.Achievement, tables.Pool, tables.Counter,
    tables.YearTotal,
)  # fmt: skip


def add_two_sided(world: World) -> None:
    """Appoint the people of conflicting interests; once for a database."""
    with world.store.writing() as session:
        units = {unit.code: unit.id for unit in session.scalars(select(Unit))}
        firms = {
            account: session.scalars(
                select(Membership.organisation_id).join(Person, Person.id == Membership.person_id).where(
                    Person.account == account
                )
            ).one()
            for account, *_ in ORGANISATIONS
        }  # fmt: skip
        for account, name, unit, role, firm in TWO_SIDED:
            person = add_person(session, PersonParticulars(account, name), is_sample=True)
            add_membership(session, person.id, role, SINCE, unit_id=units[unit])
            add_membership(session, person.id, "applicant", SINCE, organisation_id=firms[firm])
        session.commit()


def wipe(world: World) -> None:
    """Everything that cases left behind; the district and its people stay."""
    with world.store.writing() as session:
        for model in WIPED:
            session.execute(delete(model))
        session.execute(update(OrganisationAccount).values(confirmed_at=None, confirmed_by_id=None))
        session.commit()


class Driver:
    """One world in which anything may be tried; counts the states seen and the actions taken."""

    def __init__(self, world: World, choose: Choose) -> None:
        self.world = world
        self.choose = choose
        self.states: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        with world.store.reading() as session:
            self.serves = {
                person: frozenset(
                    session.scalars(
                        select(Membership.organisation_id).where(
                            Membership.person_id == person, Membership.organisation_id.is_not(None)
                        )
                    )
                )
                for person in session.scalars(select(Person.id))
            }
        self.look()

    def look(self) -> None:
        with self.world.store.reading() as session:
            self.rows = invariants.read_rows(session)
            self._raw = invariants.raw_rows(session)

    def untouched(self) -> bool:
        """Whether every row is byte for byte what it was when last looked at."""
        with self.world.store.reading() as session:
            return invariants.raw_rows(session) == self._raw

    def bring(self) -> None:
        """An application somewhere on the straight way, through the engine like everything else."""
        firm, line = self.choose(("donglong", "donglong", "donglong", "jinlun")), self.choose(LINES)
        # Refused is for example a certificate that is claimed once only.
        with suppress(Refused):
            getattr(self.world, self.choose(STAGES))(firm, line)
        self.look()
        self.check()

    def claim_again(self) -> None:
        """The same line with the same facts as an application that exists."""
        applications = [one for one in self.rows["applications"] if one["facts"]]
        if not applications:
            return
        same = self.choose(applications)
        firm = next(
            account
            for account, *_ in ORGANISATIONS
            if same["organisation_id"] in self.world.actor(account).organisation_ids
        )
        typed = {code: text for code, text in same["facts"].items() if not code.startswith(".")}
        case_id = self.world.draft(firm, same["line"], **typed)
        self.look()
        self.attempt(firm, "submit", case_id, {})

    def confirm_accounts(self) -> None:
        self.world.confirm_accounts(self.choose(("lin", "guo")))
        self.look()

    def act(self) -> None:
        """Anybody, anything the process knows anywhere, with any input."""
        if not self.rows["cases"]:
            return
        case = self.choose(self.rows["cases"])
        process = PROCESSES[case["process"]]
        name = self.choose(sorted(process.actions))
        here = process.action(case["state"], name)
        wanted = here.inputs if here else {}
        self.attempt(self.choose((*PEOPLE, "system")), name, case["id"], self._inputs(wanted, case))

    def advance(self) -> None:
        """An action of the present state by somebody of the right role, mostly rightly filled in."""
        case_id = self._case_to_advance()
        if case_id is not None:
            self._advance(case_id)

    def push(self) -> None:
        """The same several times in a row, so that a case comes far."""
        case_id = self._case_to_advance()
        for _ in range(6 if case_id is not None else 0):
            self._advance(case_id)

    def _case_to_advance(self) -> int | None:
        cases = [case for case in self.rows["cases"] if self._state(case).actions]
        if self.choose((True, False, False)):
            # Referrals are few and their way is long.
            cases = [case for case in cases if case["process"] == "referral"] or cases
        return self.choose(cases)["id"] if cases else None

    def _advance(self, case_id: int) -> None:
        case = next(case for case in self.rows["cases"] if case["id"] == case_id)
        actions = self._state(case).actions
        if not actions:
            return
        moving = [name for name, action in actions.items() if not action.stays]
        action = actions[self.choose([*sorted(moving) * 2, *sorted(actions)])]
        permission = self.choose(action.by)
        account = self.choose(self._right_people(permission, case))
        rightly = self.choose((True,) * 6 + (False,))
        inputs = self._right_inputs(action.inputs, case) if rightly else self._inputs(action.inputs, case)
        self.attempt(account, action.name, case_id, inputs)

    def draft_referral(self) -> None:
        applications = [case for case in self.rows["cases"] if case["process"] == "award_application"]
        if not applications:
            return
        actor = self.world.actor(self.choose((*ROLES["joint_meeting_officer"], "xuyuan", "lin")))
        self.world.later(minutes=1)
        typed = {
            "problem": self.choose(("slowness", "inaction", "")),
            "account_of_facts": "经过",
            "clue": self.choose(("", "群众来信")),
        }
        try:
            with self.world.store.writing() as session:
                draft_referral(
                    session,
                    actor,
                    now=self.world.now,
                    application_id=self.choose([*(case["id"] for case in applications), None]),
                    about_unit_id=self.choose((None, *sorted(actor.unit_ids))),
                    about_person_id=None,
                    typed=typed,
                )
                session.commit()
        except (Refused, InvalidInput):
            assert self.untouched()
            return
        self.look()
        self.check()

    def pass_time(self) -> None:
        self.world.later(**self.choose(CLOCK))

    def to_saturday(self) -> None:
        self.world.later(days=(5 - self.world.today.weekday()) % 7)

    def run_timers(self) -> None:
        """The sweep, at whatever moment; no money moves by it, and nothing due is left over."""
        before = self.rows
        run_timers(self.world.store, self.world.now)
        with self.world.store.reading() as session:
            assert list(due_timers(session, self.world.now)) == []
        self.look()
        assert self.rows["payments"] == before["payments"]
        money = ("case_id", "paid_yuan", "recover_yuan")
        assert _only(self.rows["applications"], money) == _only(before["applications"], money)
        self.check()

    def attempt(self, account: str, action: str, case_id: int, inputs: Mapping[str, object]) -> bool:
        """One act; refused it leaves every row as it was, taken it keeps every invariant."""
        self.world.later(minutes=1)
        before, actor = self.rows, self.world.actor(account)
        offered = self._offered(actor, case_id)
        version = next(case["version"] for case in before["cases"] if case["id"] == case_id)
        seen = version - self.choose((0,) * 24 + (1,))
        try:
            with self.world.store.writing() as session:
                perform(session, case_id, action, actor, now=self.world.now, seen_version=seen, **inputs)
                session.commit()
        except WorkflowError as refusal:
            assert self.untouched(), "a refused act leaves nothing"
            self._agree(offered, action, refusal, stale=seen != version)
            return False
        self.look()
        assert seen == version
        assert action == "refer" or (offered is not None and not offered[action].reasons)
        invariants.check_only_recorded_changes(before, self.rows, action)
        if action == "approve":
            self._within_entitlement(case_id)
        self.actions[action] += 1
        self.check()
        return True

    def check(self) -> None:
        self.states.update({case["state"] for case in self.rows["cases"]})
        invariants.check_history(self.rows, PROCESSES)
        invariants.check_money(self.rows, ITEMS, set(POLICY.highest_only.items))
        invariants.check_reservations(self.rows, {})
        invariants.check_claims(self.rows, ONCE_PER)
        invariants.check_duties(self.rows, PROCESSES, self.serves)
        invariants.check_timers(self.rows, PROCESSES)
        invariants.check_lateness(self.rows, PROCESSES)
        invariants.check_telling(self.rows, PROCESSES)
        with self.world.store.reading() as session:
            invariants.check_chain(session)

    def _offered(self, actor: Actor, case_id: int) -> dict[str, Available] | None:
        try:
            with self.world.store.reading() as session:
                return {one.action: one for one in available(session, case_id, actor, self.world.now)}
        except NotFound:
            return None

    def _agree(
        self, offered: dict[str, Available] | None, action: str, refusal: WorkflowError, *, stale: bool
    ) -> None:
        """Invariant 4: a refusal has reasons, and a page would have said the same before."""
        assert refusal.reasons
        assert all(reason.sentence("zh") and reason.sentence("en") for reason in refusal.reasons)
        if isinstance(refusal, NotFound):
            assert offered is None
            return
        assert offered is not None
        if isinstance(refusal, Overtaken):
            assert stale
        elif isinstance(refusal, Refused) and action in offered:
            told, said = _codes(offered[action].reasons), _codes(refusal.reasons)
            assert told <= said
            # Only what was typed can add to what the page said.
            assert all(reason.field for reason in refusal.reasons if reason.code not in told)

    def _within_entitlement(self, case_id: int) -> None:
        found = invariants.pools(self.rows, ITEMS, set(POLICY.highest_only.items))
        members = next(pool for pool in found.values() if case_id in {one["case_id"] for one in pool})
        granted = next(one["approved_yuan"] for one in members if one["case_id"] == case_id)
        assert not granted or invariants.committed_yuan(members) <= invariants.entitled_yuan(members)

    def _right_people(self, permission: Permission, case: invariants.Row) -> list[str]:
        """Those of the role, the nearest to the case several times; nearly always somebody who may."""
        everybody = [name for name in ROLES[permission.role] if name in HEADS or not permission.head]
        actors = {account: self.world.actor(account) for account in everybody}
        near = [
            account
            for account, actor in actors.items()
            if permission.of in ("any", "system")
            or {case["unit_id"], case["township_id"]} & actor.unit_ids
            or case["organisation_id"] in actor.organisation_ids
        ]
        handler = [account for account in near if actors[account].person_id == case["handler_id"]]
        return [*handler * 6, *near * 3, *ROLES[permission.role]]

    def _fit_to_handle(self, case: invariants.Row) -> list[int]:
        state = PROCESSES[case["process"]].states[case["origin_state"] or case["state"]]
        roles = {permission.role for action in state.actions.values() for permission in action.by}
        return [
            self.world.person_id(account) for role in sorted(roles - {"system"}) for account in ROLES[role]
        ]

    def _state(self, case: invariants.Row) -> State:
        return PROCESSES[case["process"]].states[case["state"]]

    def _inputs(self, wanted: Mapping[str, bool], case: invariants.Row) -> dict[str, object]:
        given = {name: self._input(name) for name in wanted}
        return {name: value for name, value in given.items() if value is not OMITTED}

    def _input(self, name: str) -> object:
        if name == "handler":
            return self.world.person_id(self.choose(PEOPLE))
        if name == "referral":
            return self.choose([*(one["case_id"] for one in self.rows["referrals"]), 0])
        return self.choose(INPUTS[name])

    def _right_inputs(self, wanted: Mapping[str, bool], case: invariants.Row) -> dict[str, object]:
        given = {name: INPUTS[name][0] for name in wanted if name in INPUTS}
        if "handler" in wanted:
            given["handler"] = self.choose(self._fit_to_handle(case))
        if "voucher" in wanted:
            given["voucher"] = self._input("voucher")
        if wanted.get("amount_yuan"):
            one = next(one for one in self.rows["applications"] if one["case_id"] == case["id"])
            most = one["recover_yuan"] or one["paid_yuan"] or 1
            given["amount_yuan"] = self.choose((most, most, max(1, most // 2)))
        return {name: value for name, value in given.items() if value is not OMITTED}


def _only(rows: list[invariants.Row], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def _codes(reasons: Sequence[Any]) -> set[str]:
    return {reason.code for reason in reasons}


KINDS: Mapping[str, Callable[[Driver], None]] = {
    "bring": Driver.bring,
    "claim_again": Driver.claim_again,
    "confirm_accounts": Driver.confirm_accounts,
    "act": Driver.act,
    "advance": Driver.advance,
    "push": Driver.push,
    "draft_referral": Driver.draft_referral,
    "pass_time": Driver.pass_time,
    "to_saturday": Driver.to_saturday,
    "run_timers": Driver.run_timers,
}
