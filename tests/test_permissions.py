"""Who may do what: one table in plain words against the engine, for every role, state, action and office."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import pytest
from sqlalchemy import update

from tests.homes import Home
from tests.world import CHANGLE, MONDAY, World
from workflow.errors import NotFound, Refused
from workflow.people.actors import SYSTEM, Actor, Post
from workflow.process.available import available
from workflow.process.definition import ROLES, STAY, Process
from workflow.process.facts import CaseFacts, Facts
from workflow.process.loading import load_process
from workflow.process.perform import perform
from workflow.process.reasons import permission_of
from workflow.process.scope import sees
from workflow.reference import Reference
from workflow.storage.store import Store
from workflow.storage.tables import Case, Referral, Step

# In each state: which action, and who may take it. A role is whoever serves in it where the case lies,
# `role@township` in the township of the organisation, `role@any` anywhere; `!` is the head alone.
MAY = {
    "award_application": """
draft: submit discard: applicant township_officer@township
submitted: accept request_correction decline: township_officer
submitted: withdraw: applicant
township_precheck: recommend request_correction reject: township_officer
township_precheck: withdraw: applicant
township_precheck: recall: bureau_reviewer@any
awaiting_correction: resubmit: applicant township_officer@township
awaiting_correction: withdraw: applicant
awaiting_correction: lapse: system
bureau_review: endorse request_correction return_to_township reject: bureau_reviewer
bureau_review: withdraw: applicant
bureau_review: recall: township_officer@any
joint_meeting_approval: approve defer return_to_bureau reject: joint_meeting_officer
joint_meeting_approval: withdraw: applicant
joint_meeting_approval: recall: bureau_reviewer@any
public_notice: object: joint_meeting_officer
public_notice: notice_over: system
objection_check: object dismiss_objection uphold_objection: joint_meeting_officer
payment_pending: prepare confirm close_unpayable request_correction: finance_officer
payment_pending: return_to_meeting cancel_award: finance_officer
efficiency_office: order_handling: efficiency_officer
revocation_review: dismiss revoke: bureau_reviewer
recovering: record_recovery: finance_officer
recovering: write_off: finance_officer!
paid: record_return: finance_officer@any
paid: top_up: joint_meeting_officer@any
paid recognised: open_revocation: bureau_reviewer@any
recognised: revive: joint_meeting_officer@any
submitted township_precheck bureau_review joint_meeting_approval: refer: joint_meeting_officer@any!
objection_check payment_pending revocation_review recovering: refer: joint_meeting_officer@any!
submitted township_precheck bureau_review joint_meeting_approval: draw: efficiency_officer@any
objection_check payment_pending revocation_review recovering: draw: efficiency_officer@any
submitted township_precheck bureau_review joint_meeting_approval: take_on hand_over: OFFICE
public_notice objection_check payment_pending efficiency_office: take_on hand_over: OFFICE
revocation_review recovering: take_on hand_over: OFFICE
submitted township_precheck awaiting_correction bureau_review: comment: OFFICE
joint_meeting_approval public_notice objection_check payment_pending: comment: OFFICE
efficiency_office revocation_review recovering: comment: OFFICE
submitted township_precheck awaiting_correction bureau_review: move_due_day: system
joint_meeting_approval public_notice objection_check payment_pending: move_due_day: system
efficiency_office revocation_review recovering: move_due_day: system
""",
    "referral": """
drafted: sign: joint_meeting_officer!
drafted: discard: joint_meeting_officer
sent: receive: efficiency_officer
investigating: ask_detail conclude close_without_action: efficiency_officer
awaiting_detail: give_detail: joint_meeting_officer
concluded: decide close_without_action: efficiency_officer
rectifying: report_rectified appeal: township_officer bureau_reviewer joint_meeting_officer finance_officer
verifying: close send_back: efficiency_officer
under_appeal: uphold_decision overturn_decision: efficiency_officer
drafted sent investigating awaiting_detail: take_on hand_over comment: OFFICE
concluded rectifying verifying under_appeal: take_on hand_over comment: OFFICE
drafted sent investigating awaiting_detail: move_due_day: system
concluded rectifying verifying under_appeal: move_due_day: system
""",
}
OFFICE = "township_officer bureau_reviewer joint_meeting_officer finance_officer efficiency_officer"
HERE, ELSEWHERE, MEIHUA = 1, 2, 3
OURS, OTHERS = 51, 52
SEE_THE_DISTRICT = {
    "bureau_reviewer", "joint_meeting_officer", "finance_officer", "efficiency_officer", "supervisor",
    "leader",
}  # fmt: skip
SEE_REFERRALS = {"joint_meeting_officer", "efficiency_officer", "supervisor", "leader"}


@dataclass(frozen=True)
class Someone:
    """One row of the table's left side: a role, the place where she has it, and whether she is the head."""

    role: str
    place: int
    is_head: bool = False

    @property
    def actor(self) -> Actor:
        if self.role == "system":
            return SYSTEM
        if self.role == "applicant":
            return Actor(7, "董晓东", (Post("applicant", organisation_id=self.place),))
        return Actor(7, "林秀英", (Post(self.role, self.is_head, self.place, "office", "机构"),))


def everybody() -> Iterator[Someone]:
    yield Someone("system", 0)
    for place in (OURS, OTHERS):
        yield Someone("applicant", place)
    for role in sorted(set(ROLES) - {"system", "applicant"}):
        for place in (HERE, ELSEWHERE, MEIHUA):
            yield Someone(role, place)
            yield Someone(role, place, is_head=True)


@cache
def process(code: str) -> Process:
    return load_process(CHANGLE / "processes" / f"{code}.toml")


@cache
def table(code: str) -> dict[tuple[str, str], set[str]]:
    """(state, action) → who may."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in MAY[code].strip().splitlines():
        states, actions, who = line.split(": ")
        for state in states.split():
            for action in actions.split():
                found[state, action] = set(who.replace("OFFICE", OFFICE).split())
    return found


def may(someone: Someone, who: set[str]) -> bool:
    if someone.role == "system":
        return "system" in who
    if someone.role == "applicant":
        return "applicant" in who and someone.place == OURS
    serves = {
        someone.role: someone.place == HERE,
        f"{someone.role}@township": someone.place == MEIHUA,
        f"{someone.role}@any": True,
    }
    marks = {mark for mark, applies in serves.items() if applies}
    marks |= {f"{mark}!" for mark in marks if someone.is_head}
    return bool(marks & who)


def case_in(code: str, state: str, **columns: Any) -> CaseFacts:
    """A case that lies in an office called HERE, of an organisation of ours in Meihua."""
    known = {
        "id": 1, "process": code, "process_version": 1, "state": state, "version": 1, "unit_id": HERE,
        "township_id": MEIHUA, "organisation_id": OURS, "waiting": False, "duties": {}, "was_late": False,
        "number": None if state == "draft" else "CL2026-0001",
    }  # fmt: skip
    return CaseFacts(**{**dict.fromkeys(CaseFacts._fields), **known, **columns})


def facts_for(actor: Actor, case: CaseFacts) -> Facts:
    nowhere = Reference(1, None, {})  # type: ignore[arg-type]
    return Facts(case, process(case.process), actor, MONDAY, nowhere)


Stage = tuple[World, dict[str, int]]
CASES = [(code, state) for code in MAY for state in process(code).states]


@pytest.mark.parametrize(("code", "state"), CASES)
def test_who_may_do_what_is_what_the_table_says(code: str, state: str) -> None:
    for someone, action in product(everybody(), sorted(process(code).actions)):
        facts = facts_for(someone.actor, case_in(code, state))
        defined = process(code).action(state, action)

        allowed = defined is not None and permission_of(facts, defined) is not None

        assert allowed == may(someone, table(code).get((state, action), set())), (someone, action)


def test_the_table_speaks_of_every_action_and_of_no_other() -> None:
    for code in MAY:
        actions = {(name, action) for name, state in process(code).states.items() for action in state.actions}
        assert set(table(code)) == actions


@pytest.mark.parametrize(("code", "state"), CASES)
def test_who_sees_a_case_depends_on_role_and_place(code: str, state: str) -> None:
    written_by_itself = case_in(code, state)
    entered_by_office = case_in(code, state, entered_by_id=99)

    for someone in everybody():
        actor = someone.actor
        assert sees(actor, written_by_itself) == expects_to_see(someone, code, state, by_office=False)
        assert sees(actor, entered_by_office) == expects_to_see(someone, code, state, by_office=True)


def expects_to_see(someone: Someone, code: str, state: str, *, by_office: bool) -> bool:
    role, place = someone.role, someone.place
    if role == "system":
        return True
    if code == "referral":
        return role in SEE_REFERRALS or (role != "applicant" and place == HERE)
    if role == "applicant":
        return place == OURS
    if state == "draft":
        return role == "township_officer" and place == MEIHUA and by_office
    return role in SEE_THE_DISTRICT or (role == "township_officer" and place in (HERE, MEIHUA))


def test_nobody_acts_for_two_offices_with_a_post_in_one() -> None:
    # Head in one office, plain officer in another: the head's rights do not travel.
    posts = (
        Post("finance_officer", False, HERE, "finance", "财政局"),
        Post("township_officer", True, ELSEWHERE, "township", "金峰镇"),
    )
    facts = facts_for(Actor(7, "周静", posts), case_in("award_application", "recovering"))
    write_off = process("award_application").states["recovering"].actions["write_off"]

    assert permission_of(facts, write_off) is None


# From here the same on real cases: what a page lists, and what the door refuses.
OFFICE_OF = {
    "township": "lin", "bureau": "wang", "joint_meeting_office": "zhao", "finance": "sun",
    "efficiency_office": "xuyuan", "organisation": "lin", "unit": "wang",
}  # fmt: skip
SOMEBODY_OF_EACH = (
    "donglong", "jinlun", "lin", "huang", "guo", "keyun", "wang", "wuyan", "zhao", "qian", "sun",
    "zheng_head", "xuyuan", "hemin", "zheng", "leader", "admin",
)  # fmt: skip


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, sqlite_home: Home) -> Iterator[Stage]:
    """One application and one referral, which the tests put into whatever state they ask about."""
    file = tmp_path_factory.mktemp("permissions") / "lianshen.db"
    shutil.copy(sqlite_home.template, file)
    world = World(Store(f"sqlite:///{file}"), file.parent)
    application = world.paid()
    yield (
        world,
        {
            "award_application": application,
            "referral": world.referral(application, clue="来信", unit_of="wang"),
        },
    )
    world.store.dispose()


@pytest.mark.parametrize(("code", "state"), CASES)
def test_a_page_lists_what_the_table_allows(stage: Stage, code: str, state: str) -> None:
    world, cases = stage
    case_id = put(world, cases[code], state, code)

    for account in SOMEBODY_OF_EACH:
        case, actor = world.case(case_id), world.actor(account)
        allowed = allowed_to(actor, case, code)
        listed = listed_for(world, case_id, actor)
        if listed is None:
            assert not sees(actor, seen_as(case)), account
            continue
        free = {name for name, reasons in listed.items() if not reasons}
        always = {name for name in allowed if is_always_listed(code, state, name)}
        assert free <= allowed, account
        assert always <= set(listed), account


@pytest.mark.parametrize(("code", "state"), CASES)
def test_the_door_refuses_what_the_table_does_not_allow(stage: Stage, code: str, state: str) -> None:
    world, cases = stage
    case_id = put(world, cases[code], state, code)

    for account in SOMEBODY_OF_EACH:
        actor, case = world.actor(account), world.case(case_id)
        for action in process(code).actions - allowed_to(actor, case, code):
            with pytest.raises((Refused, NotFound)), world.store.writing() as session:
                perform(session, case_id, action, actor, now=world.now, seen_version=case.version)


def put(world: World, case_id: int, state: str, code: str) -> int:
    """The case stands in this state, with the office that holds it."""
    holder = process(code).states[state].holder
    unit_id = next(iter(world.actor(OFFICE_OF[holder]).unit_ids)) if holder in OFFICE_OF else None
    unit_id = None if state == "draft" else unit_id
    origin = next((name for name in sorted(process(code).states[state].origins - {STAY})), None)
    with world.store.writing() as session:
        number = session.get_one(Case, case_id).step_number
        session.execute(
            update(Case)
            .where(Case.id == case_id)
            .values(
                state=state, unit_id=unit_id, handler_id=None, origin_state=origin, timer_at=None, duties={}
            )
        )
        session.execute(
            update(Step).where(Step.case_id == case_id, Step.number == number).values(state=state)
        )
        session.execute(update(Referral).values(about_unit_id=unit_id or 1))
        session.commit()
    return case_id


def seen_as(case: Case) -> CaseFacts:
    columns = {name: getattr(case, name) for name in CaseFacts._fields if hasattr(case, name)}
    return CaseFacts(**{**dict.fromkeys(CaseFacts._fields), **columns})


def allowed_to(actor: Actor, case: Case, code: str) -> set[str]:
    """What the table allows her, with the places of the table found on the real case."""
    allowed: set[str] = set()
    for post in actor.posts:
        if post.role == "applicant":
            places = [OURS if post.organisation_id == case.organisation_id else OTHERS]
        else:
            places = [HERE] * (post.unit_id == case.unit_id) + [MEIHUA] * (post.unit_id == case.township_id)
        for place in places or [ELSEWHERE]:
            someone = Someone(post.role, place, post.is_head)
            allowed |= {
                name
                for (state, name), who in table(code).items()
                if state == case.state and may(someone, who)
            }
    return allowed


def listed_for(world: World, case_id: int, actor: Actor) -> dict[str, Any] | None:
    try:
        with world.store.reading() as session:
            return {one.action: one.reasons for one in available(session, case_id, actor, world.now)}
    except NotFound:
        return None


def is_always_listed(code: str, state: str, name: str) -> bool:
    action = process(code).states[state].actions[name]
    return action.offered and not action.quiet


def test_a_role_lost_is_a_right_lost() -> None:
    head = Someone("finance_officer", HERE, is_head=True)
    case = case_in("award_application", "recovering")
    write_off = process("award_application").states["recovering"].actions["write_off"]

    assert permission_of(facts_for(head.actor, case), write_off) is not None
    assert permission_of(facts_for(replace(head, is_head=False).actor, case), write_off) is None
    assert permission_of(facts_for(replace(head.actor, posts=()), case), write_off) is None
