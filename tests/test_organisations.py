"""Organisations: how they register, in which township, and by whom they are found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.registering import CODE, MONDAY, OTHER_CODE, township
from workflow.errors import InvalidInput
from workflow.people.actors import actor_of
from workflow.people.organisations import (
    OrganisationParticulars,
    organisation_by_code,
    organisations_matching,
    register_applicant,
    register_organisation,
)
from workflow.people.persons import PersonParticulars
from workflow.storage.tables import Organisation, Unit


def test_an_organisation_is_registered_in_one_spelling(
    session: Session, dongling: OrganisationParticulars
) -> None:
    typed = replace(
        dongling, credit_code=CODE.lower(), name="福建 东龙针纺有限公司", contact_phone="059128920000"
    )

    registered = register_organisation(session, typed, MONDAY)

    assert (registered.credit_code, registered.name) == (CODE, "福建东龙针纺有限公司")
    assert registered.contact_phone == "0591-28920000"
    assert organisation_by_code(session, CODE.lower()) is registered


def test_a_registered_code_is_refused_without_telling_whose_it_is(
    session: Session, dongling: OrganisationParticulars, organisation: Organisation
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        register_organisation(session, replace(dongling, name="另一家公司"), MONDAY)

    assert [reason.field for reason in refusal.value.reasons] == ["credit_code"]
    assert "东龙" not in str(refusal.value)
    assert "松下" not in str(refusal.value)


def test_an_organisation_is_told_everything_that_is_wrong_at_once(session: Session) -> None:
    empty = OrganisationParticulars("", "", "", None, "", "", "")

    with pytest.raises(InvalidInput) as refusal:
        register_organisation(session, empty, MONDAY)

    assert [reason.field for reason in refusal.value.reasons] == [
        "credit_code", "name", "kind", "township", "address", "contact_name", "contact_phone",
    ]  # fmt: skip
    assert len(refusal.value.sentences("en")) == 7


def test_a_former_township_names_its_successor(session: Session, dongling: OrganisationParticulars) -> None:
    street = township(session, "文武砂街道", valid_from=date(2021, 6, 6))
    town = township(session, "文武砂镇", valid_to=date(2021, 6, 5), successor_id=street.id)

    with pytest.raises(InvalidInput, match="“文武砂镇”已改为“文武砂街道”，请选择“文武砂街道”"):
        register_organisation(session, replace(dongling, township_id=town.id), MONDAY)
    earlier = register_organisation(session, replace(dongling, township_id=town.id), date(2021, 6, 5))
    assert earlier.township_id == town.id


def test_a_dissolved_township_and_an_office_are_refused(
    session: Session, dongling: OrganisationParticulars
) -> None:
    gone = township(session, "无镇", valid_to=date(2020, 1, 1))
    bureau = Unit(code="bureau", kind="bureau", name="局", name_en="Bureau")
    session.add(bureau)
    session.flush()

    with pytest.raises(InvalidInput, match="“无镇”已撤销"):
        register_organisation(session, replace(dongling, township_id=gone.id), MONDAY)
    with pytest.raises(InvalidInput, match="请选择所在乡镇"):
        register_organisation(session, replace(dongling, township_id=bureau.id), MONDAY)


def test_an_organisation_registers_together_with_the_person_who_acts_for_it(
    session: Session, dongling: OrganisationParticulars
) -> None:
    person = PersonParticulars("dongling", "陈㛃", "13800000000", "", "Zhenfang-2026").hashed()

    registered, applicant = register_applicant(session, dongling, person, MONDAY)

    actor = actor_of(session, applicant.id, MONDAY)
    assert actor is not None
    assert actor.roles == {"applicant"}
    assert actor.organisation_ids == {registered.id}


def test_the_faults_of_both_come_at_once(session: Session, dongling: OrganisationParticulars) -> None:
    person = PersonParticulars("", "陈㛃", "13800000000", "", "short")

    with pytest.raises(InvalidInput) as refusal:
        register_applicant(session, replace(dongling, address=""), person, MONDAY)

    assert {reason.field for reason in refusal.value.reasons} == {"address", "account", "password"}


def test_organisations_are_found_by_code_and_by_name_within_the_scope(
    session: Session, dongling: OrganisationParticulars, organisation: Organisation, songxia: Unit
) -> None:
    meihua = township(session, "梅花镇")
    other = replace(dongling, credit_code=OTHER_CODE, name="福建百分%（福州）公司", township_id=meihua.id)
    second = register_organisation(session, other, MONDAY)

    assert organisations_matching(session, "91350182m") == [organisation]
    assert organisations_matching(session, "东龙") == [organisation]
    assert organisations_matching(session, "(福州)") == [second]
    assert organisations_matching(session, "%") == [second]
    assert organisations_matching(session, " ") == []
    assert set(organisations_matching(session, "福建")) == {organisation, second}
    assert organisations_matching(session, "福建", township_ids={songxia.id}) == [organisation]
    assert organisations_matching(session, "福建", township_ids=()) == []
