"""The command `lianshen demo`: makes the demo database where there is none, and never touches a real one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import click
from sqlalchemy import select, text

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.demo.making import APPLICATIONS, MADE, make_demo
from workflow.demo.people import DEMO_PASSWORD
from workflow.demo.scale import MOST_APPLICATIONS, make_large_demo
from workflow.district import load_district
from workflow.errors import Reason, Refused
from workflow.installation import fact, is_demo
from workflow.settings import District, Settings, settings
from workflow.storage.schema import refuse_unless_current, revision_of
from workflow.storage.store import Store
from workflow.storage.tables import Base, Person, Unit

# The demo tells a story of Changle: its townships, its policy, its winners.
DISTRICT_CODE = "350112"


@click.command()
@click.option("--fresh", is_flag=True, help="重新生成演示库 / make the demo anew")
@click.option(
    "--scale",
    type=click.IntRange(min=APPLICATIONS + 1, max=MOST_APPLICATIONS),
    help="放这么多件申请，用来试速度 / so many applications, to try its speed",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def demo(fresh: bool, scale: int | None, as_json: bool) -> None:
    """准备演示库：示例人员和约二百件申请。 / Make a demo database with some 200 applications."""
    config = settings()
    _refuse_other_district(config.district)
    store = Store(config.database.url)
    try:
        if _holds_demo(store):
            if not fresh and scale is not None:
                raise Refused(Reason("demo.not_empty", {"url": store.url.render_as_string()}))
            if not fresh and _is_finished(store):
                click.echo(_say("ready"))
                return
            _drop(store)
        counts = _made(store, config, scale)
    finally:
        store.dispose()
    click.echo(json.dumps(counts, ensure_ascii=False) if as_json else _summary(counts))


def _refuse_other_district(district: District) -> None:
    if load_district(district.folder).code != DISTRICT_CODE:
        raise Refused(Reason("demo.other_district", {"folder": str(district.folder)}))


def _holds_demo(store: Store) -> bool:
    """Whether there is a demo to leave or to replace. Refused when the database holds anything else."""
    if revision_of(store) is None:
        return False
    with store.reading() as session:
        if is_demo(session):
            return True
        # Bare tables are what a making leaves that was interrupted in its first moment.
        if any(session.scalar(select(table.id).limit(1)) for table in (Unit, Person)):
            raise Refused(Reason("demo.not_a_demo", {"url": store.url.render_as_string()}))
    return False


def _is_finished(store: Store) -> bool:
    """False when the making was interrupted: what it left is of no use and is made anew."""
    refuse_unless_current(store)
    with store.reading() as session:
        return fact(session, MADE) is not None


def _drop(store: Store) -> None:
    with store.writer.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))


def _made(store: Store, config: Settings, scale: int | None) -> Mapping[str, int]:
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=100, label=_say("making"), file=sys.stderr, hidden=hidden) as bar:

        def show(done: int, of: int) -> None:
            bar.update(100 * done // of - bar.pos)

        if scale is not None:
            return make_large_demo(store, config, datetime.now(UTC), scale, progress=show)
        return make_demo(store, config, datetime.now(UTC), progress=show)


def _summary(counts: Mapping[str, int]) -> str:
    locale = terminal_locale()
    applications = {state: number for state, number in counts.items() if "." not in state}
    by_state = [f"{sentence(f'state.{state}', locale)} {number}" for state, number in applications.items()]
    total, referrals = sum(applications.values()), sum(counts.values()) - sum(applications.values())
    lines = [
        _say("made", applications=total, referrals=referrals),
        _say("by_state", by_state=by_state),
        _say("sign_in", password=DEMO_PASSWORD),
    ]
    return "\n".join(lines)


def _say(code: str, **params: object) -> str:
    return sentence(f"demo.{code}", terminal_locale(), **params)
