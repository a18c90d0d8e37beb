"""Persons and the posts they hold: which go together, from which day, until which."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.signing_in import BY, LIN, MONDAY, codes
from workflow.errors import InvalidInput, NotFound, Refused
from workflow.people.actors import actor_of
from workflow.people.memberships import add_membership, end_membership
from workflow.people.persons import PersonParticulars, add_person, disable_person
from workflow.storage.tables import Person, Unit


@pytest.fixture
def lin(session: Session) -> Person:
    return add_person(session, LIN.hashed())


def unit_of(session: Session, kind: str, code: str | None = None, **columns: object) -> Unit:
    unit = Unit(code=code or kind, kind=kind, name=f"{code or kind}机构", name_en=kind, **columns)
    session.add(unit)
    session.flush()
    return unit


def test_a_person_is_told_everything_that_is_wrong_at_once(session: Session) -> None:
    typed = PersonParticulars("a b", "", "123", "not an address", "short")

    with pytest.raises(InvalidInput) as refusal:
        add_person(session, typed)

    assert {field for _, field in codes(refusal)} == {"account", "name", "phone", "email", "password"}


def test_an_account_name_is_given_once(session: Session, lin: Person) -> None:
    with pytest.raises(InvalidInput, match=r"账号名“lin\.mei”已被使用"):
        add_person(session, replace(LIN, account="LIN.Mei").hashed())


def test_an_administrator_holds_no_business_role(session: Session, lin: Person) -> None:
    township, office = unit_of(session, "township"), unit_of(session, "administration")
    add_membership(session, lin.id, "administrator", MONDAY, unit_id=office.id)

    with pytest.raises(InvalidInput, match="系统管理员不得兼任业务角色"):
        add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id)


def test_one_who_was_an_officer_becomes_administrator_afterwards(session: Session, lin: Person) -> None:
    township, office = unit_of(session, "township"), unit_of(session, "administration")
    post = add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id)

    with pytest.raises(InvalidInput, match="不得兼任系统管理员"):
        add_membership(session, lin.id, "administrator", MONDAY, unit_id=office.id)
    end_membership(session, post.id, MONDAY, BY)
    add_membership(session, lin.id, "administrator", MONDAY + timedelta(days=1), unit_id=office.id)

    assert actor_of(session, lin.id, MONDAY).roles == {"township_officer"}
    assert actor_of(session, lin.id, MONDAY + timedelta(days=1)).roles == {"administrator"}


def test_a_post_needs_a_unit_of_its_kind_that_exists_on_the_day(session: Session, lin: Person) -> None:
    bureau = unit_of(session, "bureau", valid_to=MONDAY - timedelta(days=1))

    with pytest.raises(InvalidInput) as refusal:
        add_membership(
            session, lin.id, "township_officer", MONDAY, unit_id=bureau.id, to_on=MONDAY - timedelta(days=3)
        )

    assert codes(refusal) == [
        ("membership.wrong_unit", "role"),
        ("membership.unit_not_valid", "unit"),
        ("membership.ends_before_it_begins", "to_on"),
    ]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("emperor", "membership.unknown_role"),
        ("supervisor", "membership.unit_missing"),
        ("applicant", "membership.organisation_missing"),
    ],
)
def test_a_post_needs_a_known_role_and_place(session: Session, lin: Person, role: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add_membership(session, lin.id, role, MONDAY)

    assert [reason.code for reason in refusal.value.reasons] == [code]


def test_a_post_is_not_held_twice_at_one_time(session: Session, lin: Person) -> None:
    township = unit_of(session, "township")
    add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id, to_on=MONDAY)

    with pytest.raises(InvalidInput, match="已担任该机构的“乡镇（街道）初审员”"):
        add_membership(session, lin.id, "township_officer", MONDAY, unit_id=township.id)
    add_membership(session, lin.id, "township_officer", MONDAY + timedelta(days=1), unit_id=township.id)


def test_a_post_does_not_end_before_it_began(session: Session, lin: Person) -> None:
    post = add_membership(
        session, lin.id, "township_officer", MONDAY, unit_id=unit_of(session, "township").id
    )

    with pytest.raises(InvalidInput, match="结束日期早于开始日期"):
        end_membership(session, post.id, MONDAY - timedelta(days=2), BY)
    with pytest.raises(NotFound):
        end_membership(session, 99, MONDAY, BY)


def test_the_last_administrator_stays(session: Session, lin: Person) -> None:
    office = unit_of(session, "administration")
    post = add_membership(session, lin.id, "administrator", MONDAY, unit_id=office.id)

    with pytest.raises(Refused, match="最后一名系统管理员"):
        disable_person(session, lin.id, MONDAY, BY)
    with pytest.raises(Refused, match="最后一名系统管理员"):
        end_membership(session, post.id, MONDAY, BY)

    second = add_person(session, replace(LIN, account="chen").hashed())
    add_membership(session, second.id, "administrator", MONDAY, unit_id=office.id)
    end_membership(session, post.id, MONDAY, BY)

    tomorrow = MONDAY + timedelta(days=1)
    first_then, second_then = (actor_of(session, person.id, tomorrow) for person in (lin, second))
    assert (first_then.roles, second_then.roles) == (set(), {"administrator"})
