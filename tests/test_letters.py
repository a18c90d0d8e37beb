"""What a letter says, in whose language, and how it leaves by file and by SMTP."""

from __future__ import annotations

import email
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from notifications.channels.mail import outgoing, write_letter
from notifications.letters import Waiting, letter_of
from tests.mail_server import certified, mail_server
from tests.posting import NOW, SENDER, smtp
from workflow.settings import Mail

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
        "到期日：2026年12月7日（一）\n\n"
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
    assert "Last day:     Mon 7 Dec 2026\n" in text_of(letter)


@pytest.mark.parametrize(
    ("locale", "last_day"), [("zh", "到期日：2026年11月9日"), ("en", "Last day:     Mon 9 Nov 2026")]
)
def test_a_letter_about_a_public_notice_names_its_last_day_and_nothing_that_is_due(locale, last_day) -> None:
    approved = {**PARAMS, "action": "approve", "state": "public_notice", "due_on": "2026-11-09"}

    text = text_of(letter_of(waiting(params=approved, is_outsider=True, locale=locale), SENDER))

    assert last_day in text
    assert "办结" not in text
    assert "due" not in text.lower()


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
    assert "到期日" not in text


def test_a_name_cannot_add_lines_to_a_letter() -> None:
    forged = {**PARAMS, "organisation": "福建示例\nBcc: everybody@example.org\n\n请点击 http://example.org"}

    letter = letter_of(waiting(params=forged, name="林\n秀英"), SENDER)

    assert letter["Bcc"] is None
    assert "\n请点击" not in text_of(letter)
    assert letter["To"] == "林 秀英 <lin@example.org>"


@pytest.mark.parametrize("breaks", ["\n", "\r", "\x85", "\u2028", "\u2029"])
def test_a_voucher_cannot_add_lines_to_a_letter(breaks: str) -> None:
    paid = {**PARAMS, "action": "confirm", "state": "paid", "amount_yuan": 500_000}
    forged = {**paid, "voucher": f"凭{breaks}Bcc: everybody@example.org"}

    letter = letter_of(waiting(topic="moved", params=forged), SENDER)

    assert letter["Bcc"] is None
    assert "凭 Bcc: everybody@example.org" in letter["Subject"]
    assert "\nBcc" not in text_of(letter)
    assert letter.as_bytes()


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
    assert "到期日：2026年12月7日（一）" in text_of(letter)


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
