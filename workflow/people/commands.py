"""The commands `lianshen init` and `lianshen user …`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TextIO

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.clock.commands import Day
from workflow.clock.days import shanghai_day
from workflow.district import install_district, load_district
from workflow.errors import InvalidInput, NotFound, Reason, Refused
from workflow.installation import moment
from workflow.people.accounts import RESET_CODE_HOURS, issue_reset_code
from workflow.people.actors import SYSTEM
from workflow.people.memberships import ADMINISTRATOR, ROLE_UNITS, add_membership
from workflow.people.persons import PersonParticulars, add_person, person_by_account
from workflow.people.trail import Signature
from workflow.reference import reference_of
from workflow.settings import settings
from workflow.storage.people import Membership, Unit
from workflow.storage.schema import refuse_unless_current, upgrade
from workflow.storage.store import Store


@click.command()
@click.option("--account", help="账号名 / account name")
@click.option("--name", help="姓名 / name")
@click.option(
    "--password-file", type=click.File(encoding="utf-8"), help="存有密码的文件 / file with the password"
)
def init(account: str | None, name: str | None, password_file: TextIO | None) -> None:
    """建立数据库和第一个管理员。 / Create the database and the first administrator."""
    config = settings()
    district = load_district(config.district.folder)
    store = Store(config.database.url)
    upgrade(store)
    with store.reading() as session:
        _refuse_second_start(session)
    typed = _asked_for(account, name, password_file)
    with store.writing() as session:
        _refuse_second_start(session)
        now = moment(session, datetime.now(UTC))
        install_district(session, district, now)
        _add_administrator(session, typed, Signature(SYSTEM, now), config.sign_in.min_password_length)
        session.commit()
    click.echo(_say("initialised", account=typed.normalised().account))


@click.group()
def user() -> None:
    """添加和管理账户。 / Add and manage accounts."""


@user.command()
@click.option("--account", required=True, help="账号名 / account name")
@click.option("--name", required=True, help="姓名 / name")
@click.option("--unit", "unit_code", required=True, help="机构代码，例如 350112104 / code of the unit")
@click.option("--role", type=click.Choice(sorted(ROLE_UNITS)), required=True, help="角色 / role")
@click.option("--head", is_flag=True, help="分管领导 / chief of the unit")
@click.option("--from", "from_on", type=Day(), help="任职起始日，默认今天 / first day, today by default")
@click.option("--phone", default="", help="电话 / telephone")
@click.option("--email", default="", help="电子邮箱 / e-mail")
def add(
    account: str,
    name: str,
    unit_code: str,
    role: str,
    head: bool,
    from_on: date | None,
    phone: str,
    email: str,
) -> None:
    """添加人员和任职，给出一次性验证码。 / Add a person with a post; prints a one-time code."""
    with _installed_store().writing() as session:
        now = moment(session, datetime.now(UTC))
        by = Signature(SYSTEM, now)
        person = add_person(session, PersonParticulars(account, name, phone, email), by=by)
        first_day = from_on or shanghai_day(now)
        unit_id = _unit_id(session, unit_code)
        add_membership(session, person.id, role, first_day, unit_id=unit_id, is_head=head, by=by)
        code = issue_reset_code(session, person, by)
        session.commit()
        click.echo(_say("added", name=person.name, account=person.account, once=code, hours=RESET_CODE_HOURS))


@user.command()
@click.argument("account")
def reset(account: str) -> None:
    """收回密码，给出一次性验证码。 / Take the password away; prints a one-time code."""
    with _installed_store().writing() as session:
        person = person_by_account(session, account)
        if person is None:
            raise NotFound(Reason("account.unknown", {"account": account}))
        code = issue_reset_code(session, person, Signature(SYSTEM, moment(session, datetime.now(UTC))))
        session.commit()
        click.echo(_say("reset", account=person.account, once=code, hours=RESET_CODE_HOURS))


def _refuse_second_start(session: Session) -> None:
    if session.scalar(select(Membership.id).where(Membership.role == ADMINISTRATOR).limit(1)) is not None:
        raise Refused(Reason("account.administrator_exists"))


def _asked_for(account: str | None, name: str | None, password_file: TextIO | None) -> PersonParticulars:
    account = account or click.prompt(_say("ask_account"))
    name = name or click.prompt(_say("ask_name"))
    password = password_file.read().rstrip("\r\n") if password_file is not None else _typed_twice()
    return PersonParticulars(account, name, password=password).hashed()


def _typed_twice() -> str:
    # Click asks twice as well, but reproaches in English.
    while True:
        password: str = click.prompt(_say("ask_password"), hide_input=True)
        if click.prompt(_say("ask_again"), hide_input=True) == password:
            return password
        click.echo(_say("typed_differently"), err=True)


def _add_administrator(session: Session, typed: PersonParticulars, by: Signature, min_length: int) -> None:
    person = add_person(session, typed, min_length=min_length, by=by)
    today = shanghai_day(by.at)
    office = reference_of(session).unit_of_kind("administration", today)
    add_membership(session, person.id, ADMINISTRATOR, today, unit_id=office, by=by)


def _installed_store() -> Store:
    store = Store(settings().database.url)
    refuse_unless_current(store)
    return store


def _unit_id(session: Session, code: str) -> int:
    unit_id = session.scalar(select(Unit.id).where(Unit.code == code))
    if unit_id is None:
        raise InvalidInput(Reason("membership.unknown_unit", {"unit": code}, "unit"))
    return unit_id


def _say(code: str, **params: object) -> str:
    return sentence(f"people.command.{code}", terminal_locale(), **params)
