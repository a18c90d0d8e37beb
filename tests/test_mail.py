"""Deliveries by mail: each sent once, tried again, given up, and never in the way of others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from notifications.channels.mail import outgoing
from notifications.delivery import LEASE, MOST_PER_RUN, PAUSES, is_due, run_deliveries
from notifications.dispatch import run_dispatch
from tests.mail_server import certified, mail_server
from tests.posting import NOW, SENDER, smtp
from tests.sweeping import (
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
from workflow.storage.tables import Delivery, Person


@pytest.fixture
def office(store: Store) -> Office:
    return in_the_database(store, open_office)


@pytest.fixture
def deliver(store: Store, office: Office) -> Callable[..., None]:
    """Puts deliveries to 林秀英 and others of the unit into the database."""

    def put(*people: int, audience: str = "handler", rows: int = 1) -> None:
        for person_id in people or (office.lin,):
            set_person(store, person_id, email=f"p{person_id}@example.org", is_sample=False)

        def write(session: Any) -> None:
            case_id = add_running_case(session, office, process="award_application")
            for _ in range(rows):
                add_outbox(session, case_id, audience, unit_id=office.unit, handler_id=office.lin)

        in_the_database(store, write)
        run_dispatch(store, NOW, Mail(sender="smtp", host="localhost"))

    return put


def test_a_delivery_is_sent_once(store, office, deliver) -> None:
    deliver()
    letters: list[EmailMessage] = []

    assert run_deliveries(store, NOW, letters.append, SENDER) == 1
    assert run_deliveries(store, NOW + timedelta(days=1), letters.append, SENDER) == 0

    assert [letter["To"] for letter in letters] == [f"林秀英 <p{office.lin}@example.org>"]
    [delivery] = read_all(store, Delivery)
    assert (delivery.status, delivery.attempts, delivery.sent_at) == ("sent", 1, NOW)


def test_an_applicant_is_written_to_as_an_outsider_and_an_officer_is_not(store, office) -> None:
    with store.reading() as session:
        applicant = session.scalars(select(Person.id).where(Person.account == "donglong")).one()
    for person_id in (applicant, office.lin):
        set_person(store, person_id, email=f"p{person_id}@example.org")

    def write(session: Any) -> None:
        case_id = add_running_case(session, office, process="award_application", organisation_id=office.firm)
        referred = {"action": "refer", "state": "efficiency_office"}
        held = {"unit_id": office.unit, "handler_id": office.lin}
        add_outbox(session, case_id, "organisation handler", params=referred, **held)

    in_the_database(store, write)
    run_dispatch(store, NOW, Mail())
    letters: list[EmailMessage] = []
    run_deliveries(store, NOW, letters.append, SENDER)

    said = {letter["To"].addresses[0].display_name: letter["Subject"] for letter in letters}
    assert "已督办" in said["董晓东"]
    assert "移送效能办" in said["林秀英"]


def test_workers_at_the_same_moment_send_each_letter_once(store, deliver) -> None:
    deliver(rows=20)
    letters: list[EmailMessage] = []
    other = Store(store.url)

    counts = racing(
        *(lambda one=one: run_deliveries(one, NOW, letters.append, SENDER) for one in (store, other, store))
    )

    other.dispose()
    assert sum(counts) == 20
    assert len({letter["Message-ID"] for letter in letters}) == len(letters) == 20


def test_a_refused_letter_is_tried_again_and_given_up_in_the_end(store, deliver, caplog) -> None:
    deliver()
    attempts: list[datetime] = []
    now = NOW

    with mail_server() as server, outgoing(smtp(server.port)) as send:
        server.refused.add(read_all(store, Delivery)[0].address)
        # A server that cannot be reached costs no attempt: then this would have no end.
        while (delivery := read_all(store, Delivery)[0]).status == "waiting" and len(attempts) <= len(PAUSES):
            now = max(now, delivery.next_attempt_at)
            attempts.append(now)
            assert run_deliveries(store, now, send, SENDER) == 0

    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert [pause.total_seconds() / 60 for pause in pauses] == [1, 5, 30, 120, 720]
    assert (delivery.status, delivery.attempts, delivery.sent_at) == ("dead", 6, None)
    assert "550" in delivery.last_error
    assert server.letters == []


def test_a_letter_that_is_refused_does_not_hold_up_the_others(store, office, deliver) -> None:
    deliver(office.lin, office.chen, audience="unit")
    lin, chen = f"p{office.lin}@example.org", f"p{office.chen}@example.org"

    with mail_server() as server, outgoing(smtp(server.port)) as send:
        server.refused.add(lin)
        run_deliveries(store, NOW, send, SENDER)

    states = {delivery.address: delivery.status for delivery in read_all(store, Delivery)}
    assert (states[lin], states[chen]) == ("waiting", "sent")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"port": 9}, id="nobody answers"),
        pytest.param({"start_tls": True}, id="the server has no STARTTLS"),
        pytest.param({"user": "lianshen", "password_file": "wrong"}, id="wrong password"),
        pytest.param({"user": "lianshen", "password_file": "none"}, id="no password file"),
    ],
)
def test_a_server_that_cannot_be_used_costs_no_attempt_and_says_why(
    store, deliver, tmp_path: Path, caplog, broken: dict[str, Any]
) -> None:
    deliver(rows=3)
    (tmp_path / "wrong").write_text("wrong")
    if "password_file" in broken:
        broken = {**broken, "password_file": tmp_path / broken["password_file"]}

    with mail_server() as server, outgoing(smtp(**{"port": server.port, **broken})) as send:
        assert run_deliveries(store, NOW, send, SENDER) == 0

    assert server.letters == []
    tried, *others = read_all(store, Delivery)
    assert (tried.status, tried.attempts, tried.next_attempt_at) == ("waiting", 0, NOW + PAUSES[0])
    assert {delivery.attempts for delivery in others} == {0}
    assert tried.last_error in caplog.text


def test_a_letter_outlives_however_long_an_outage(store, deliver) -> None:
    deliver()
    now = NOW
    with outgoing(smtp(port=9)) as send:
        for _ in range(3 * len(PAUSES)):
            now = max(now, read_all(store, Delivery)[0].next_attempt_at)
            assert run_deliveries(store, now, send, SENDER) == 0

    with mail_server() as server, outgoing(smtp(server.port)) as send:
        assert run_deliveries(store, now + PAUSES[0], send, SENDER) == 1

    delivery = read_all(store, Delivery)[0]
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("sent", 1, None)


def test_a_server_whose_certificate_is_not_trusted_gets_no_letter(store, deliver, tmp_path: Path) -> None:
    deliver()
    context, _ = certified(tmp_path)

    with mail_server(context) as server, outgoing(smtp(server.port, start_tls=True)) as send:
        run_deliveries(store, NOW, send, SENDER)

    assert server.letters == []
    assert "CERTIFICATE_VERIFY_FAILED" in read_all(store, Delivery)[0].last_error


def test_nothing_is_locked_while_a_letter_is_being_sent(store, office, deliver) -> None:
    deliver()

    def send(letter: EmailMessage) -> None:
        # A writing transaction that was still open would be waited for, in vain.
        set_person(store, office.lin, phone="13800000001")
        delivery = read_all(store, Delivery)[0]
        assert (delivery.attempts, delivery.next_attempt_at) == (1, NOW + LEASE)

    assert run_deliveries(store, NOW, send, SENDER) == 1


def test_a_letter_whose_worker_died_is_sent_after_the_lease_under_the_same_id(store, deliver) -> None:
    deliver()
    letters: list[EmailMessage] = []

    class Killed(BaseException):
        pass

    def die(letter: EmailMessage) -> None:
        letters.append(letter)
        raise Killed

    with pytest.raises(Killed):
        run_deliveries(store, NOW, die, SENDER)

    assert run_deliveries(store, NOW + LEASE - timedelta(seconds=1), letters.append, SENDER) == 0
    assert run_deliveries(store, NOW + LEASE, letters.append, SENDER) == 1
    assert letters[0]["Message-ID"] == letters[1]["Message-ID"]


def test_one_run_sends_a_bounded_number_of_letters(store, deliver) -> None:
    deliver(rows=MOST_PER_RUN + 1)
    letters: list[EmailMessage] = []

    assert run_deliveries(store, NOW, letters.append, SENDER) == MOST_PER_RUN
    assert run_deliveries(store, NOW, letters.append, SENDER) == 1


def test_the_deliveries_due_are_found_through_their_partial_index(store) -> None:
    due = select(Delivery.id).where(is_due(at(date(2026, 12, 1), 9))).order_by(Delivery.next_attempt_at)
    with store.reading() as session:
        plan = plan_of(session, lambda: session.execute(due))

    assert "ix_deliveries_waiting" in plan
