"""The inbox: whose messages, in which words, read by whom; and whether the scheduler is alive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.sample_rows import (
    MONDAY,
    NOW,
    add,
    add_case,
    add_organisation,
    add_unit,
    applicant,
    officer,
)
from workflow.lists import inbox as inbox_module
from workflow.lists.heartbeat import scheduler_silence
from workflow.lists.inbox import inbox, mark_read, unread_count
from workflow.people.actors import Actor
from workflow.storage.tables import Heartbeat, Message, Outbox

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def meihua(session: Session) -> int:
    return add_unit(session, "township", "梅花镇")


@pytest.fixture
def lin(session: Session, meihua: int) -> Actor:
    return officer(session, "township_officer", meihua)


@pytest.fixture
def firm(session: Session, meihua: int) -> Actor:
    return applicant(session, add_organisation(session, meihua))


@pytest.fixture
def case(session: Session, meihua: int, firm: Actor) -> int:
    return add_case(
        session, "bureau_review", meihua, MONDAY, organisation_id=next(iter(firm.organisation_ids))
    )


def tell(session: Session, person: Actor, case_id: int, topic: str = "moved", **params: Any) -> int:
    params = {
        "action": "recommend", "state": "bureau_review", "number": "CL2026-0147",
        "organisation": "福建示例锦纶有限公司", "due_on": "2026-12-14", **params,
    }  # fmt: skip
    told = add(session, Outbox(case_id=case_id, topic=topic, audience="unit", params=params, created_at=NOW))
    message = Message(
        outbox_id=told.id,
        person_id=person.person_id,
        case_id=case_id,
        topic=topic,
        params=params,
        created_at=NOW,
    )
    return add(session, message).id


def test_a_message_says_which_case_and_what_happened(session: Session, lin: Actor, case: int):
    tell(session, lin, case)

    (line,) = inbox(session, lin).rows

    assert line.subject == "CL2026-0147 福建示例锦纶有限公司"
    assert line.said == "乡镇初审通过，请于12月14日（一）前审核"
    assert (line.level, line.is_read, line.case_id) == ("", False, case)


def test_an_alert_says_its_level_and_day(session: Session, lin: Actor, case: int):
    tell(session, lin, case, "alert.red", due_on="2026-11-18", days_late=3, levels=["red"])

    (line,) = inbox(session, lin).rows

    assert line.level == "red"
    assert line.said == "红色超期：“市监局审核”应于11月18日（三）办结，已超期 3 个工作日"


def test_a_message_is_read_in_the_readers_language(session: Session, lin: Actor, case: int):
    tell(session, lin, case)
    reader = Actor(lin.person_id, lin.name, lin.posts, locale="en")

    (line,) = inbox(session, reader).rows

    assert "please review it by" in line.said
    assert not any("\u4e00" <= char <= "\u9fff" for char in line.said)


@pytest.mark.parametrize(
    ("action", "state"), [("refer", "efficiency_office"), ("order_handling", "bureau_review")]
)
def test_the_organisation_hears_of_supervision_but_not_of_the_referral(
    session: Session, lin: Actor, firm: Actor, case: int, action: str, state: str
):
    tell(session, firm, case, action=action, state=state)
    tell(session, lin, case, action=action, state=state)

    assert [line.said for line in inbox(session, firm).rows] == ["已督办，新期限12月14日（一）"]
    assert "督办" not in inbox(session, lin).rows[0].said


def test_messages_come_newest_first_page_by_page(session: Session, lin: Actor, firm: Actor, case: int):
    told = [tell(session, lin, case) for _ in range(5)]
    tell(session, firm, case)

    first = inbox(session, lin, limit=3)
    second = inbox(session, lin, after=int(first.next or 0), limit=3)

    assert [line.message_id for line in (*first.rows, *second.rows)] == told[::-1]
    assert second.next is None


def test_only_her_own_messages_become_read(session: Session, lin: Actor, firm: Actor, case: int):
    hers, others = tell(session, lin, case), tell(session, firm, case)
    assert lin.person_id is not None
    assert firm.person_id is not None

    mark_read(session, lin.person_id, [hers, others], NOW)

    assert (unread_count(session, lin.person_id), unread_count(session, firm.person_id)) == (0, 1)
    assert inbox(session, lin).rows[0].is_read


def test_a_message_read_before_keeps_its_moment(session: Session, lin: Actor, case: int):
    message = tell(session, lin, case)
    assert lin.person_id is not None
    mark_read(session, lin.person_id, [message], NOW)
    mark_read(session, lin.person_id, [message], NOW + timedelta(hours=1))

    assert session.get_one(Message, message, populate_existing=True).read_at == NOW


def test_counting_unread_messages_stops_at_the_cap(
    session: Session, lin: Actor, case: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox_module, "CAP", 2)
    for _ in range(5):
        tell(session, lin, case)

    assert lin.person_id is not None
    assert unread_count(session, lin.person_id) == 3


def test_a_scheduler_is_silent_after_five_minutes(session: Session):
    assert scheduler_silence(session, NOW) == (None, True)

    session.add(Heartbeat(worker="old", beat_at=NOW - timedelta(hours=1)))
    session.add(Heartbeat(worker="one", beat_at=NOW))
    session.flush()

    assert scheduler_silence(session, NOW + timedelta(minutes=5)) == (NOW, False)
    assert scheduler_silence(session, NOW + timedelta(minutes=5, seconds=1)) == (NOW, True)
