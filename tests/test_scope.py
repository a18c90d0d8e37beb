"""Who sees which case: the rule in Python and the condition in SQL are one, for everybody and every case."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sample_rows import NOW, add_case, add_organisation, add_unit, applicant, officer
from workflow.lists.scope import held_by_her_units, visible, visible_open
from workflow.people.actors import SYSTEM, Actor
from workflow.process.facts import CaseFacts
from workflow.process.scope import sees
from workflow.storage.tables import Application, Case, Referral

pytestmark = pytest.mark.usefixtures("installed")

HELD = ("submitted", "township_precheck", "awaiting_correction", "bureau_review", "joint_meeting_approval")
HELD += ("public_notice", "objection_check", "payment_pending", "efficiency_office", "revocation_review")
CLOSED = ("paid", "recognised", "rejected", "not_accepted", "withdrawn", "revoked", "recovered")
REFERRAL = ("drafted", "sent", "investigating", "concluded", "rectifying", "closed")
OFFICES = ("bureau", "joint_meeting_office", "finance", "efficiency_office", "supervision", "administration")
ROLES = (
    ("bureau_reviewer", "bureau"),
    ("joint_meeting_officer", "joint_meeting_office"),
    ("finance_officer", "finance"),
    ("efficiency_officer", "efficiency_office"),
    ("supervisor", "supervision"),
    ("leader", "supervision"),
    ("administrator", "administration"),
)


@pytest.fixture
def district(session: Session) -> list[Actor]:
    """Two townships, two organisations, every office; cases of every state everywhere. Returns the people."""
    townships = [add_unit(session, "township", name) for name in ("梅花镇", "金峰镇")]
    offices = {kind: add_unit(session, kind, kind) for kind in OFFICES}
    organisations = [add_organisation(session, township) for township in townships]
    people = [officer(session, "township_officer", township) for township in townships]
    people += [officer(session, role, offices[kind], is_head=True) for role, kind in ROLES]
    people += [applicant(session, organisation) for organisation in organisations]
    for where in zip(townships, organisations, strict=True):
        add_applications(session, *where, [*townships, *offices.values()], people[0])
    for state in REFERRAL:
        for unit in (*townships, *offices.values(), None):
            add_case(session, state, unit, process="referral", township_id=None)
    # Of what is held elsewhere, a township sees the referrals about itself, once they are decided.
    for state, decision in product(("investigating", "under_appeal", "closed"), ("责令整改", None)):
        add_referral(session, state, offices["efficiency_office"], townships[0], decision)
    # Somebody who serves in one office and acts for a firm, or in two offices, has what both have.
    both = [Actor(1, "兼", (*one.posts, *other.posts)) for one, other in combinations(people, 2)]
    return [*people, *both, Actor(1, "无任职"), SYSTEM]


def add_referral(
    session: Session, state: str, held_by: int, about_unit_id: int, decision: str | None
) -> None:
    case_id = add_case(session, state, held_by, process="referral", township_id=None)
    about = {"problem": "slowness", "account_of_facts": "逾期", "about_unit_id": about_unit_id}
    session.add(Referral(case_id=case_id, decision=decision, **about))
    session.flush()


def add_applications(
    session: Session, township: int, organisation: int, units: list[int], enterer: Actor
) -> None:
    where: dict[str, Any] = {"township_id": township, "organisation_id": organisation}
    add_case(session, "draft", None, number=None, **where)
    add_case(session, "draft", None, number=None, entered_by_id=enterer.person_id, **where)
    for entered_by_id in (None, enterer.person_id):
        deleted = {"number": None, "closed_at": NOW, "entered_by_id": entered_by_id}
        add_case(session, "withdrawn", None, **deleted, **where)
    for state in HELD:
        for unit in units:
            add_case(session, state, unit, **where)
    for state in CLOSED:
        add_case(session, state, None, closed_at=NOW, **where)


def facts_of_all(session: Session) -> dict[int, CaseFacts]:
    rows = session.execute(
        select(Case, Application, Referral)
        .outerjoin(Application, Application.case_id == Case.id)
        .outerjoin(Referral, Referral.case_id == Case.id)
    )
    nothing = dict.fromkeys(CaseFacts._fields)
    return {
        case.id: CaseFacts(
            **nothing
            | {name: getattr(case, name) for name in CaseFacts._fields if hasattr(case, name)}
            | {"entered_by_id": application.entered_by_id if application else None}
            | {"decided_about_id": referral.about_unit_id if referral and referral.decision else None}
        )
        for case, application, referral in rows
    }


def test_the_condition_finds_exactly_the_cases_the_rule_shows(
    session: Session, district: list[Actor]
) -> None:
    facts = facts_of_all(session)

    for actor in district:
        found = set(session.scalars(select(Case.id).where(visible(actor))))
        assert found == {case_id for case_id, case in facts.items() if sees(actor, case)}, actor
        open_ones = set(session.scalars(select(Case.id).where(visible_open(actor))))
        assert open_ones == {case_id for case_id in found if facts[case_id].closed_at is None}, actor


def test_the_rule_tells_people_apart(session: Session, district: list[Actor]) -> None:
    counts = [len(session.scalars(select(Case.id).where(visible(actor))).all()) for actor in district[:11]]

    meihua, jinfeng, bureau, joint, finance, efficiency, *watching, administrator, firm, other = counts
    everything = len(facts_of_all(session))
    assert [joint, efficiency, *watching] == [everything - 8] * 4
    assert administrator == len(REFERRAL)
    assert 0 < firm == other < meihua - 1 == jinfeng + 2 < bureau == finance < joint


def test_what_her_units_hold_is_visible_to_her(session: Session, district: list[Actor]) -> None:
    for actor in district:
        held = set(session.scalars(select(Case.id).where(held_by_her_units(actor))))
        known = {"administrator", "applicant"}
        if not actor.is_system and not actor.roles & known:
            assert held <= set(session.scalars(select(Case.id).where(visible(actor))))


def test_a_township_officer_does_not_see_a_draft_the_firm_itself_is_writing(session: Session) -> None:
    township = add_unit(session, "township", "梅花镇")
    organisation = add_organisation(session, township)
    meihua = officer(session, "township_officer", township)
    own = add_case(session, "draft", None, township_id=township, organisation_id=organisation, number=None)

    assert session.scalar(select(Case.id).where(visible(meihua), Case.id == own)) is None

    session.get_one(Application, own).entered_by_id = meihua.person_id
    session.flush()
    assert session.scalar(select(Case.id).where(visible(meihua), Case.id == own)) == own


def test_no_office_sees_what_was_never_submitted(session: Session) -> None:
    township = add_unit(session, "township", "梅花镇")
    organisation = add_organisation(session, township)
    where: dict[str, Any] = {"township_id": township, "organisation_id": organisation, "closed_at": NOW}
    deleted = add_case(session, "withdrawn", None, number=None, **where)
    add_case(session, "withdrawn", None, **where)
    firm = applicant(session, organisation)
    offices = [officer(session, "township_officer", township)]
    offices += [officer(session, role, add_unit(session, kind, kind)) for role, kind in ROLES]

    assert session.scalar(select(Case.id).where(visible(firm), Case.id == deleted)) == deleted
    for one in offices:
        assert session.scalar(select(Case.id).where(visible(one), Case.id == deleted)) is None
