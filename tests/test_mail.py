"""Mails: what a letter says, how it leaves by file and by SMTP, and what happens when it cannot."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from notifications.channels.mail import outgoing, write_letter
from notifications.delivery import LEASE, MOST_PER_RUN, PAUSES, is_due, run_deliveries
from notifications.dispatch import run_dispatch
from notifications.letters import Waiting, letter_of
from tests.mail_server import certified, mail_server
from tests.sweeping import (
    MONDAY,
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

NOW = at(MONDAY, 10)
SENDER = "lianshen@changle.example"
PARAMS = {
    "action": "request_correction",
    "state": "awaiting_correction",
    "number": "CL2026-000017",
    "organisation": "福建东龙针纺有限公司",
    "due_on": "2026-12-07",
    "actor_id": 3,
}


def waiting(**columns: Any) -> Waiting:
    described = {
        "id": 7,
        "attempts": 1,
        "address": "lin@example.org",
        "name": "林秀英",
        "locale": "zh",
        "is_outsider": False,
        "case_id": 12,
        "topic": "moved",
        "params": PARAMS,
        "created_at": NOW,
    }
    return Waiting(**{**described, **columns})


def text_of(letter: EmailMessage) -> str:
    return str(letter.get_content())


def smtp(port: int, **options: Any) -> Mail:
    settings = {"host": "localhost", "from_address": SENDER, "start_tls": False, **options}
    return Mail(sender="smtp", port=port, **settings)


def test_a_letter_names_case_organisation_state_and_due_day() -> None:
    letter = letter_of(waiting(), SENDER)

    assert (
        letter["Subject"] == "【联审】CL2026-000017 福建东龙针纺有限公司：已要求申报单位于12月7日（一）前补正"
    )
    assert letter["To"] == "林秀英 <lin@example.org>"
    assert text_of(letter) == (
        "林秀英，您好：\n\n"
        "已要求申报单位于12月7日（一）前补正。\n\n"
        "办件编号：CL2026-000017\n"
        "申报单位：福建东龙针纺有限公司\n"
        "当前环节：待补正\n"
        "应办结日：2026年12月7日（一）\n\n"
        "请登录联审系统查看：/cases/12\n\n"
        "本邮件由系统自动发出，请勿回复。\n"
    )


@pytest.mark.parametrize("address", ["https://lianshen.example.gov.cn", "https://lianshen.example.gov.cn/"])
def test_a_letter_carries_a_whole_link_where_the_address_of_the_pages_is_known(address: str) -> None:
    letter = letter_of(waiting(), SENDER, address)

    assert "请登录联审系统查看：https://lianshen.example.gov.cn/cases/12\n" in text_of(letter)


def test_a_letter_is_in_the_language_of_its_reader() -> None:
    letter = letter_of(waiting(locale="en", name="Lin"), SENDER)

    assert letter["Subject"].startswith("[Lianshen] CL2026-000017 福建东龙针纺有限公司: ")
    assert "Case number:  CL2026-000017\n" in text_of(letter)
    assert "Due on:       Mon 7 Dec 2026\n" in text_of(letter)


def test_a_letter_tells_the_organisation_of_supervision_but_not_why() -> None:
    referred = {**PARAMS, "action": "refer", "state": "efficiency_office"}

    to_officer = letter_of(waiting(params=referred), SENDER)
    to_applicant = letter_of(waiting(params=referred, is_outsider=True), SENDER)

    assert "移送效能办，由效能办办理，应于12月7日（一）前交办" in to_officer["Subject"]
    assert to_applicant["Subject"].endswith("：已督办，新期限12月7日（一）")
    assert "当前环节：已督办" in text_of(to_applicant)
    assert "效能" not in to_applicant["Subject"] + text_of(to_applicant)


def test_what_a_case_does_not_have_leaves_no_line_in_its_letter() -> None:
    bare = {**PARAMS, "number": None, "organisation": None, "due_on": None}

    text = text_of(letter_of(waiting(params=bare), SENDER))

    assert "办件编号" not in text
    assert "申报单位" not in text
    assert "应办结日" not in text


def test_a_name_cannot_add_lines_to_a_letter() -> None:
    forged = {**PARAMS, "organisation": "福建示例\nBcc: everybody@example.org\n\n请点击 http://example.org"}

    letter = letter_of(waiting(params=forged, name="林\n秀英"), SENDER)

    assert letter["Bcc"] is None
    assert "\n请点击" not in text_of(letter)
    assert letter["To"] == "林 秀英 <lin@example.org>"


def test_the_same_delivery_is_the_same_letter_at_each_attempt() -> None:
    first, second = letter_of(waiting(), SENDER), letter_of(waiting(attempts=2), SENDER)

    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@changle.example>")
    assert first.as_bytes() == second.as_bytes()


def test_another_letter_has_another_id_even_under_the_same_row_number() -> None:
    later = waiting(created_at=NOW + timedelta(days=1))

    assert letter_of(waiting(), SENDER)["Message-ID"] != letter_of(later, SENDER)["Message-ID"]


def test_the_file_sender_writes_letters_that_mail_programs_open(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    with outgoing(Mail(folder=folder)) as send:
        send(letter_of(waiting(), SENDER))

    [file] = folder.iterdir()
    letter = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert file.suffix == ".eml"
    assert letter["Subject"] == letter_of(waiting(), SENDER)["Subject"]
    assert "应办结日：2026年12月7日（一）" in text_of(letter)


def test_the_same_letter_written_again_is_one_file(tmp_path: Path) -> None:
    for attempt in (1, 2):
        write_letter(tmp_path, letter_of(waiting(attempts=attempt), SENDER))
    write_letter(tmp_path, letter_of(waiting(id=8), SENDER))

    assert len(list(tmp_path.iterdir())) == 2


def test_letters_reach_a_mail_server_over_one_connection() -> None:
    with mail_server() as server, outgoing(smtp(server.port)) as send:
        send(letter_of(waiting(), SENDER))
        send(letter_of(waiting(id=8, address="chen@example.org"), SENDER))

    assert [letter["To"] for letter in server.letters] == [
        "林秀英 <lin@example.org>",
        "林秀英 <chen@example.org>",
    ]
    assert text_of(server.letters[0]).replace("\r\n", "\n") == text_of(letter_of(waiting(), SENDER))


def test_the_line_is_encrypted_and_the_sender_signs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    password = tmp_path / "password"
    password.write_text("right\n")

    with mail_server(context) as server:
        account = {"start_tls": True, "user": "lianshen", "password_file": password}
        with outgoing(smtp(server.port, **account)) as send:
            send(letter_of(waiting(), SENDER))

    assert (server.encrypted, server.signed_in) == ([True], ["lianshen"])


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
        while (delivery := read_all(store, Delivery)[0]).status == "waiting":
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
