"""The organisation 东龙 of 松下镇 as it registers, and another one."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from workflow.people.organisations import OrganisationParticulars, register_applicant
from workflow.people.persons import PersonParticulars
from workflow.storage.tables import Unit

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CODE = "91350182MA0000DL1Y"
OTHER_CODE = "91110000600037341L"


def township(session: Session, name: str, **columns: object) -> Unit:
    unit = Unit(code=name, kind="township", name=name, name_en=name, **columns)
    session.add(unit)
    session.flush()
    return unit


def register_second_person(session: Session, unit: Unit) -> tuple[int, int]:
    organisation, person = register_applicant(
        session,
        OrganisationParticulars(
            OTHER_CODE, "另一家公司", "enterprise", unit.id, "某路", "某人", "13800000000"
        ),
        PersonParticulars("someone", "某人", "", "", "Zhenfang-2026").hashed(),
        MONDAY,
    )
    return organisation.id, person.id


def dongling_of(township_id: int) -> OrganisationParticulars:
    """What 东龙 types when it registers."""
    return OrganisationParticulars(
        credit_code=CODE,
        name="福建东龙针纺有限公司",
        kind="enterprise",
        township_id=township_id,
        address="长乐区松下镇示例路 1 号",
        contact_name="陈㛃",
        contact_phone="0591-28920000",
    )
