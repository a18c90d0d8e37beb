"""Every statement of every page finds its rows by an index, however many rows there will be one day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from tests.pages import ONE_OF_EACH_ROLE, Browser, app_of
from tests.world import World
from workflow.storage.store import Store

# What comes with the work. Units, policies, calendars and the like stay as few as they are.
GROWING = {
    "achievements", "applications", "cases", "events", "evidence", "memberships", "messages",
    "organisation_accounts", "organisations", "outbox", "payments", "persons", "pools", "referrals",
    "reminders", "reservations", "steps",
}  # fmt: skip
# Files of whole lists and pictures are no pages; a demonstration has few people, and its page lists them all.
LEFT_OUT = re.compile(r"\.csv$|static|<path|/api/|^/demo/")
NARROWED = (
    "/search?q=0001", "/applications?words=0001", "/applications?state=bureau_review",
    "/applications?year=2026",
)  # fmt: skip
# The newest first, to a limit: SQLite calls that a scan, of the key by which the table is kept.
BY_KEY = re.compile(r"ORDER BY cases\.id DESC\n LIMIT")
# Names are looked through for a part of one, until two hundred are found; no plain index finds those.
BY_PART_OF_A_NAME = re.compile(r"(persons|organisations)\.name\)? LIKE")
Statement = tuple[str, Any]


def test_no_page_reads_a_growing_table_from_end_to_end(sqlite_world: World) -> None:
    world, asked = sqlite_world, dict[str, tuple[str, Any]]()
    case_ids = [world.awaiting_payment(), world.referral(world.in_review("jinlun"), clue="群众来信")]
    app = app_of(world)
    for account in ONE_OF_EACH_ROLE:
        browser = Browser(app).sign_in(world, account)
        for address in addresses(app, case_ids):
            with recorded(world.store) as statements:
                browser.get(address)
            asked |= {sql: (address, parameters) for sql, parameters in statements}

    assert len(asked) > 50
    with world.store.reader.connect() as connection:
        walked = {
            sql: (address, table)
            for sql, (address, parameters) in asked.items()
            for table in read_whole(connection, sql, parameters)
        }
    assert walked == {}


def addresses(app: Any, case_ids: list[int]) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    plain = {rule.rule for rule in rules if not rule.arguments and not LEFT_OUT.search(rule.rule)}
    of_case = [
        rule.rule for rule in rules if rule.arguments == {"case_id"} and not LEFT_OUT.search(rule.rule)
    ]
    each = {re.sub(r"<[^>]+>", str(case_id), rule) for rule in of_case for case_id in case_ids}
    return sorted(plain | each | set(NARROWED))


@contextmanager
def recorded(store: Store) -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if sql.startswith(("SELECT", "WITH")):
            statements.append((sql, parameters))

    event.listen(store.reader, "before_cursor_execute", note)
    yield statements
    event.remove(store.reader, "before_cursor_execute", note)


def read_whole(connection: Connection, sql: str, parameters: Any) -> set[str]:
    """The growing tables that the plan of a statement reads without an index."""
    plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, parameters)
    whole = {found[1] for row in plan if (found := re.fullmatch(r"SCAN ([a-z_]+?)(?:_\d+)?", row[-1]))}
    if BY_PART_OF_A_NAME.search(sql):
        whole -= {"organisations", "persons"}
    return (whole - {"cases"} if BY_KEY.search(sql) else whole) & GROWING
