"""Every page that somebody of each role may look at, on a large database: its statements and their time.

The time of the database is that of the page's own statements sent once more through the bare driver, with all
their rows fetched: what Python does with them is not the database's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import event, select

from tests.benchmarks.large import made_at
from tests.pages import Browser, app_of
from tests.world import World
from workflow.lists.scope import visible
from workflow.people.actors import actor_of
from workflow.storage.cases import Case
from workflow.storage.people import Person
from workflow.storage.store import Store

Statement = tuple[str, Any]

PEOPLE = {
    "applicant": "songxia-gangwu",
    "township_officer": "songxia1",
    "township_head": "songxia-head",
    "bureau_reviewer": "shijian1",
    "joint_meeting_officer": "lianxi1",
    "finance_officer": "caizheng1",
    "efficiency_officer": "xiaoneng1",
    "supervisor": "ducha",
    "leader": "lingdao",
    "administrator": "admin",
}
# Whole lists of cases as files, and pictures: not pages.
LEFT_OUT = re.compile(r"\.csv$|static|<path|/api/|/page/|/pages/|sign-out")


def pages(store: Store, folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """By role and page the number of statements and their milliseconds."""
    world = World(store, folder / "evidence", now=made_at(store))
    app = app_of(world)
    addresses = sorted(
        {
            rule.rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ())
            and rule.arguments <= {"case_id"}
            and not LEFT_OUT.search(rule.rule)
        }
    )
    return {
        role: _of_person(world, Browser(app).sign_in(world, account), account, addresses)
        for role, account in PEOPLE.items()
    }


def _of_person(
    world: World, browser: Browser, account: str, addresses: list[str]
) -> dict[str, dict[str, float]]:
    found = {}
    case_ids = _cases(world, account)
    for address in addresses:
        for case_id in case_ids if "<" in address else [0]:
            path = re.sub(r"<[^>]+>", str(case_id), address)
            with _recorded(world.store) as statements:
                answer = browser.get(path)
            if answer.status_code == 200:
                found[address] = {
                    "statements": len(statements),
                    "db_ms": _replayed_ms(world.store, statements),
                }
                break
    return found


def _cases(world: World, account: str) -> list[int]:
    """Cases she may look at: the first and the last one of each process, and what her units hold."""
    with world.store.reading() as session:
        person_id = session.scalars(select(Person.id).where(Person.account == account)).one()
        actor = actor_of(session, person_id, world.today)
        assert actor is not None
        seen = select(Case.id).where(visible(actor))
        held = select(Case.id).where(Case.unit_id.in_(actor.unit_ids), Case.closed_at.is_(None)).limit(3)
        ids = [*session.scalars(held), *session.scalars(seen.limit(3))]
        for process in ("award_application", "referral"):
            ids += session.scalars(seen.where(Case.process == process).limit(2))
    return list(dict.fromkeys(ids))


@contextmanager
def _recorded(store: Store) -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    def note(connection: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        if not sql.startswith("BEGIN"):
            statements.append((sql, parameters))

    event.listen(store.reader, "before_cursor_execute", note)
    yield statements
    event.remove(store.reader, "before_cursor_execute", note)


def _replayed_ms(store: Store, statements: list[Statement]) -> float:
    with store.reader.connect() as connection:
        cursor = connection.connection.cursor()
        best = float("inf")
        for _ in range(3):
            started = perf_counter()
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
                if cursor.description:
                    cursor.fetchall()
            best = min(best, perf_counter() - started)
        cursor.close()
    return best * 1000
