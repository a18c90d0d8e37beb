"""What an administrator types about people and units, and what is kept of it."""

from __future__ import annotations

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.world import World
from workflow.storage.tables import AccountEvent, Membership, Person, Unit

POLICY = "changle-quality-2020"
NEW = {"account": "Jiang.Lin", "name": "江 琳", "phone": "139 0000 0001", "email": "jiang@example.cn"}


def person(world: World, account: str) -> Person:
    with world.store.reading() as session:
        return session.scalars(select(Person).where(Person.account == account)).one()


def unit_id(world: World, code: str) -> int:
    with world.store.reading() as session:
        return session.scalars(select(Unit.id).where(Unit.code == code)).one()


def posts(world: World, account: str) -> list[Membership]:
    with world.store.reading() as session:
        return list(session.scalars(select(Membership).join(Person).where(Person.account == account)))


def trail(world: World, account: str) -> list[AccountEvent]:
    with world.store.reading() as session:
        mine = select(AccountEvent).where(AccountEvent.person_id == world.person_id(account))
        return list(session.scalars(mine.order_by(AccountEvent.id)))


def add(browser: Browser, **typed: str) -> TestResponse:
    return browser.post("/admin/people/new", {**NEW, **typed})
