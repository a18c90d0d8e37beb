"""Bank accounts of organisations: in their own name, confirmed by an officer who did not bring them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.registering import NOW, register_second_person, township
from workflow.errors import InvalidInput, NotFound, Refused
from workflow.people.actors import Actor, Post
from workflow.people.organisations import (
    OrganisationParticulars,
    add_account,
    confirm_account,
    register_organisation,
)
from workflow.people.persons import PersonParticulars, add_person
from workflow.people.trail import Signature, trail_of
from workflow.storage.tables import Organisation, OrganisationAccount, Unit

DONGLONGS = Signature(Actor(1, "董晓东"), NOW)


def officer_of(unit: Unit, role: str = "township_officer", *more: Post) -> Actor:
    person = unit.id  # no row needed for what is refused
    return Actor(person, "林梅", (Post(role, unit_id=unit.id, unit_kind=unit.kind), *more))


def test_a_bank_account_is_told_everything_that_is_wrong_at_once(
    session: Session, organisation: Organisation
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add_account(session, organisation.id, holder="", bank="", number="12", by=DONGLONGS)

    assert [reason.field for reason in refusal.value.reasons] == ["holder", "bank", "number"]


def account_of(
    session: Session, organisation: Organisation, adder: Actor | None = None, holder: str = ""
) -> OrganisationAccount:
    """A bank account, brought in by the organisation's own person unless somebody else is given."""
    if adder is None:
        person = add_person(session, PersonParticulars(f"own{organisation.id}", "董晓东"))
        adder = Actor(person.id, person.name)
    return add_account(
        session,
        organisation.id,
        holder=holder or organisation.name,
        bank="示例银行",
        number="6222 0000 1234",
        by=Signature(adder, NOW),
    )


@pytest.mark.parametrize("holder", ["福建东龙 针纺有限公司", "福建东龙针纺有限公司\u200b"])
def test_an_account_is_held_in_the_organisations_own_name_however_it_is_typed(
    session: Session, organisation: Organisation, holder: str
) -> None:
    assert account_of(session, organisation, holder=holder).holder == organisation.name


@pytest.mark.parametrize("holder", ["东龙", "林秀英", "福建东龙针纺有限公司长乐分公司"])
def test_an_account_in_another_name_is_refused_at_its_field(
    session: Session, organisation: Organisation, holder: str
) -> None:
    with pytest.raises(InvalidInput, match="须与单位名称“福建东龙针纺有限公司”一致") as refusal:
        account_of(session, organisation, holder=holder)

    assert [(reason.code, reason.field) for reason in refusal.value.reasons] == [
        ("bank_account.holder_differs", "holder")
    ]


def test_whoever_brought_an_account_in_does_not_confirm_it(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    lin, chen = (
        Actor(add_person(session, PersonParticulars(account, name)).id, name, officer_of(songxia).posts)
        for account, name in (("lin", "林秀英"), ("chen", "陈志强"))
    )
    account = account_of(session, organisation, lin)

    with pytest.raises(Refused, match="由您添加，须由另一名工作人员核对确认"):
        confirm_account(session, account.id, lin, NOW)

    assert (account.confirmed_at, account.confirmed_by_id) == (None, None)
    assert confirm_account(session, account.id, chen, NOW).confirmed_by_id == chen.person_id


def test_the_trail_shows_who_brought_an_account_in_and_who_confirmed_it(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    person = add_person(session, PersonParticulars("lin", "林秀英"))
    confirm_account(session, account.id, Actor(person.id, "林秀英", officer_of(songxia).posts), NOW)

    lines = [(line.action, line.actor) for line in trail_of(session, account.added_by_id)]

    assert lines == [("bank_account_confirmed", "林秀英"), ("bank_account_added", "董晓东")]
    shown = next(iter(trail_of(session, account.added_by_id))).details
    assert shown == {"bank_account": account.id, "account": "福建东龙针纺有限公司 **** 1234"}


def test_a_bank_account_is_entered_once(session: Session, organisation: Organisation) -> None:
    account_of(session, organisation)

    with pytest.raises(InvalidInput, match="已经填写过"):
        account_of(session, organisation, Actor(1, "董晓东"))


def test_an_officer_of_the_township_confirms_an_account_once(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    _, person = register_second_person(session, songxia)
    officer = Actor(person, "林梅", (Post("township_officer", unit_id=songxia.id),))

    confirm_account(session, account.id, officer, NOW)

    assert (account.confirmed_by_id, account.confirmed_at) == (person, NOW)
    with pytest.raises(Refused, match="已经确认过"):
        confirm_account(session, account.id, officer, NOW)


def test_the_township_that_succeeded_confirms_the_accounts_of_the_former(
    session: Session, dongling: OrganisationParticulars
) -> None:
    street = township(session, "文武砂街道", valid_from=date(2021, 6, 6))
    town = township(session, "文武砂镇", valid_to=date(2021, 6, 5), successor_id=street.id)
    old = register_organisation(session, replace(dongling, township_id=town.id), date(2021, 6, 1))
    account = account_of(session, old)
    _, person = register_second_person(session, street)
    officer = Actor(person, "林梅", (Post("township_officer", unit_id=street.id),))

    assert confirm_account(session, account.id, officer, NOW).confirmed_at == NOW


def test_an_account_of_another_township_is_not_found(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    meihua = township(session, "梅花镇")

    for stranger in (officer_of(meihua), officer_of(songxia, "supervisor"), Actor(9, "无职")):
        with pytest.raises(NotFound):
            confirm_account(session, account.id, stranger, NOW)
    with pytest.raises(NotFound):
        confirm_account(session, 999, officer_of(songxia), NOW)


def test_nobody_confirms_an_account_of_an_organisation_of_their_own(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    own = officer_of(songxia, "township_officer", Post("applicant", organisation_id=organisation.id))

    with pytest.raises(Refused, match="不能确认本单位的账户"):
        confirm_account(session, account.id, own, NOW)
