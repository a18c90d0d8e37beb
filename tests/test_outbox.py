"""From the outbox to the inbox: who is told, once each, and in which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from notifications.dispatch import dispatch, run_dispatch, undispatched
from tests.sample_rows import add_step
from tests.sweeping import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Office,
    add_outbox,
    add_running_case,
    at,
    in_the_database,
    open_office,
    plan_of,
    racing,
    read_all,
    set_person,
)
from workflow.settings import Mail
from workflow.storage.store import Store
from workflow.storage.tables import Case, Delivery, Membership, Message, Outbox, Person, Step
from workflow.sweeps.wording import headline, headline_for_outsiders, subject_of

NOW = at(MONDAY, 10)
BY_FILE, BY_SMTP = Mail(), Mail(sender="smtp")


@pytest.fixture
def office(store: Store) -> Office:
    return in_the_database(store, open_office)


def written(
    store: Store, office: Office, audience: str, *, case: dict[str, Any] | None = None, **columns: Any
) -> int:
    """An outbox row of a case at the township, as a move leaves it."""

    def write(session: Any) -> int:
        described = {"process": "award_application", "organisation_id": office.firm, **(case or {})}
        case_id = add_running_case(session, office, **described)
        found = session.get_one(Case, case_id)
        held = {"unit_id": found.unit_id, "handler_id": found.handler_id, **columns}
        return add_outbox(session, case_id, audience, **held)

    return in_the_database(store, write)


def told(store: Store) -> list[str]:
    """The names of all who have a message, one for each message."""
    with store.reading() as session:
        return list(
            session.scalars(
                select(Person.name).join(Message, Message.person_id == Person.id).order_by(Person.id)
            )
        )


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ("organisation", ["董晓东"]),
        ("handler", ["林秀英"]),
        ("unit", ["林秀英", "陈志强", "黄丽华"]),
        ("head", ["黄丽华"]),
        ("supervisor", ["郑国栋"]),
        ("leader", ["叶向东"]),
        ("joint_meeting_office", ["赵文斌", "钱永明", "谢婷婷"]),
        ("handler head supervisor", ["林秀英", "黄丽华", "郑国栋"]),
        ("handler unit head", ["林秀英", "陈志强", "黄丽华"]),
        ("", []),
    ],
)
def test_an_audience_is_told_each_person_once(store, office, audience: str, names: list[str]) -> None:
    written(store, office, audience)

    assert run_dispatch(store, NOW, BY_FILE) == 1

    assert told(store) == names


def test_while_nobody_has_taken_a_case_on_the_whole_unit_is_told(store, office) -> None:
    written(store, office, "handler", handler_id=None)

    run_dispatch(store, NOW, BY_FILE)

    assert told(store) == ["林秀英", "陈志强", "黄丽华"]


def test_when_the_handler_has_left_the_unit_is_told(store, office) -> None:
    with store.writing() as session:
        session.execute(
            update(Membership).where(Membership.person_id == office.lin).values(to_on=date(2026, 11, 20))
        )
        session.commit()
    written(store, office, "handler")

    run_dispatch(store, NOW, BY_FILE)

    assert told(store) == ["陈志强", "黄丽华"]


def test_when_the_handler_is_disabled_the_unit_is_told(store, office) -> None:
    set_person(store, office.lin, disabled_at=NOW)
    written(store, office, "handler")

    run_dispatch(store, NOW, BY_FILE)

    assert told(store) == ["陈志强", "黄丽华"]


def test_nobody_is_told_of_her_own_act(store, office) -> None:
    written(store, office, "unit", params={"actor_id": office.lin})

    run_dispatch(store, NOW, BY_FILE)

    assert told(store) == ["陈志强", "黄丽华"]


def test_an_organisation_is_never_told_of_a_referral(store, office) -> None:
    written(store, office, "organisation unit", case={"process": "referral"})

    run_dispatch(store, NOW, BY_FILE)

    assert told(store) == ["林秀英", "陈志强", "黄丽华"]


def test_whoever_held_a_case_last_is_told_of_its_end(store, office) -> None:
    outbox_id = written(
        store,
        office,
        "handler",
        case={"state": "withdrawn", "step_number": 3, "closed_at": NOW},
        unit_id=None,
        handler_id=None,
    )
    with store.writing() as session:
        case_id = session.get_one(Outbox, outbox_id).case_id
        add_step(session, case_id, 1, "submitted", office.unit, handler_id=office.lin)
        add_step(session, case_id, 2, "submitted", office.unit, handler_id=office.chen)
        session.execute(update(Case).where(Case.id == case_id).values(unit_id=None, handler_id=None))
        final = update(Step).where(Step.case_id == case_id, Step.number == 3)
        session.execute(final.values(unit_id=None, handler_id=None))
        session.commit()

    run_dispatch(store, NOW, BY_FILE)

    assert told(store) == ["陈志强"]


def test_a_message_says_what_the_outbox_row_says(store, office) -> None:
    outbox_id = written(store, office, "handler", topic="alert.yellow", params={"levels": ["yellow"]})

    run_dispatch(store, NOW, BY_FILE)

    [message] = read_all(store, Message)
    [row] = read_all(store, Outbox)
    assert (message.outbox_id, message.case_id, message.topic) == (outbox_id, row.case_id, "alert.yellow")
    assert (message.params, message.created_at, message.read_at) == (row.params, row.created_at, None)
    assert row.dispatched_at == NOW


def test_a_row_is_dispatched_once(store, office) -> None:
    written(store, office, "unit")
    run_dispatch(store, NOW, BY_FILE)

    assert run_dispatch(store, NOW, BY_FILE) == 0

    assert len(told(store)) == 3


def test_a_dispatch_that_broke_off_leaves_nothing_and_is_made_up_for(store, office) -> None:
    outbox_id = written(store, office, "unit")
    with store.writing() as session:
        dispatch(session, outbox_id, NOW, BY_FILE)
        assert session.scalars(select(Message.id)).all()
    assert told(store) == []

    assert run_dispatch(store, NOW, BY_FILE) == 1

    assert told(store) == ["林秀英", "陈志强", "黄丽华"]


def test_workers_at_the_same_moment_tell_each_person_once(store, office, caplog) -> None:
    for _ in range(20):
        written(store, office, "unit")
    other = Store(store.url)

    counts = racing(*(lambda one=one: run_dispatch(one, NOW, BY_FILE) for one in (store, other, store)))

    other.dispose()
    assert sum(counts) == 20
    assert len(told(store)) == 60
    assert caplog.text == ""


def test_a_row_nobody_understands_does_not_stop_the_others(store, office, caplog) -> None:
    written(store, office, "passers_by")
    written(store, office, "head")

    assert run_dispatch(store, NOW, BY_FILE) == 1

    assert told(store) == ["黄丽华"]
    assert "nobody is known as passers_by" in caplog.text


def test_a_row_for_whom_nobody_is_there_leaves_a_warning(store, office, caplog) -> None:
    with store.writing() as session:
        session.execute(update(Membership).where(Membership.unit_id == office.unit).values(is_head=False))
        session.commit()
    written(store, office, "head")

    run_dispatch(store, NOW, BY_FILE)

    assert "nobody is there to be told" in caplog.text
    assert read_all(store, Outbox)[0].dispatched_at == NOW


def test_whoever_has_an_address_gets_a_mail_as_well(store, office) -> None:
    set_person(store, office.lin, email="lin@example.org")
    set_person(store, office.chen, email=None)
    set_person(store, office.huang, email="")
    written(store, office, "unit")

    run_dispatch(store, NOW, BY_FILE)

    [delivery] = read_all(store, Delivery)
    assert (delivery.channel, delivery.address, delivery.status) == ("mail", "lin@example.org", "waiting")
    assert (delivery.attempts, delivery.next_attempt_at) == (0, NOW)


def test_no_mail_leaves_the_house_for_sample_people(store, office) -> None:
    set_person(store, office.lin, email="lin@example.org", is_sample=True)
    set_person(store, office.chen, email="chen@example.org", is_sample=False)
    written(store, office, "handler unit")

    run_dispatch(store, NOW, BY_SMTP)

    assert "lin@example.org" not in {delivery.address for delivery in read_all(store, Delivery)}
    assert "chen@example.org" in {delivery.address for delivery in read_all(store, Delivery)}


def test_the_undispatched_are_found_through_their_partial_index(store, office) -> None:
    with store.reading() as session:
        plan = plan_of(session, lambda: undispatched(session))

    assert "ix_outbox_undispatched" in plan


MOVED = {"action": "accept", "state": "township_precheck", "due_on": "2026-11-25"}
LATE = {"state": "bureau_review", "due_on": "2026-11-25", "days_left": 0}


@pytest.mark.parametrize(
    ("topic", "params", "zh", "en"),
    [
        ("moved", MOVED, "受理，转入“乡镇初审”", "; now “"),
        ("noted", {**MOVED, "action": "comment"}, "（乡镇初审）", " ("),
        (
            "alert.blue",
            {**LATE, "days_left": 2, "days_late": 0, "levels": ["blue"]},
            "蓝色提醒：“市监局审核”应于11月25日（三）办结，剩 2 个工作日",
            "2 working days left",
        ),
        (
            "alert.blue",
            {**LATE, "days_left": 1, "days_late": 0, "levels": ["blue"]},
            "剩 1 个工作日",
            "1 working day left",
        ),
        (
            "alert.yellow",
            {**LATE, "days_late": 0, "levels": ["yellow"]},
            "应于11月25日（三）办结",
            "due on Wed 25 Nov",
        ),
        (
            "alert.red",
            {**LATE, "days_late": 1, "levels": ["red"]},
            "已超期 1 个工作日",
            "is 1 working day late",
        ),
        (
            "alert.red",
            {**LATE, "days_late": 3, "levels": ["blue", "yellow", "red"]},
            "已超期 3 个工作日（此前应发的蓝色提醒、黄色预警一并告知）",
            "3 working days late (with what should have been told before: ",
        ),
        ("alert.red", {**LATE, "days_late": 0, "levels": ["red"]}, "已超期", "and is late"),
    ],
)
def test_a_message_is_one_sentence_in_both_languages(
    topic: str, params: dict[str, Any], zh: str, en: str
) -> None:
    assert zh in headline(topic, params, "zh", TUESDAY)
    assert en in headline(topic, params, "en", TUESDAY)


@pytest.mark.parametrize("action", ["submit", "request_correction", "resubmit", "recommend", "endorse"])
def test_officers_and_the_applicant_are_told_of_an_act_in_words_of_their_own(action: str) -> None:
    params = {**MOVED, "action": action}

    office, applicant = (say("moved", params, "zh", TUESDAY) for say in (headline, headline_for_outsiders))

    assert "前" in office
    assert office != applicant
    assert "现为" not in office + applicant


def test_what_has_no_due_day_is_not_told_with_one() -> None:
    over = {"action": "notice_over", "state": "recognised", "due_on": None}

    assert headline("moved", over, "zh", TUESDAY) == "公示期满，转入“认定不拨付”"


def test_yellow_on_the_due_day_says_today() -> None:
    assert "今天（11月25日（三））到期" in headline(
        "alert.yellow", {**LATE, "levels": ["yellow"]}, "zh", WEDNESDAY
    )


def test_a_case_is_called_by_number_and_organisation_as_far_as_it_has_them() -> None:
    assert (
        subject_of({"number": "CL2026-000001", "organisation": "福建示例"}, "zh") == "CL2026-000001 福建示例"
    )
    assert subject_of({"number": None, "organisation": None}, "zh") == "尚未编号的办件"
