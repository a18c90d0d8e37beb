"""The commands `lianshen db …`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from workflow.catalogue import sentence
from workflow.cli import terminal_locale
from workflow.district import Installed, install_district, load_district
from workflow.installation import moment
from workflow.settings import settings
from workflow.storage.schema import upgrade
from workflow.storage.store import Store


@click.group()
def db() -> None:
    """建立或升级数据库。 / Create or upgrade the database."""


@db.command("upgrade")
def upgrade_database() -> None:
    """升级表结构，并采用区资料的新版本。 / Upgrade the tables, bring the district's new versions into use."""
    config = settings()
    district = load_district(config.district.folder)
    store = Store(config.database.url)
    before = upgrade(store)
    with store.writing() as session:
        installed = install_district(session, district, moment(session, datetime.now(UTC)))
        session.commit()
    locale = terminal_locale()
    click.echo(sentence("schema.upgraded" if before else "schema.created", locale))
    click.echo(said(installed, locale))


def said(installed: Installed, locale: str) -> str:
    """What was new, in one sentence."""
    if installed == Installed(0, 0, (), ()):
        return sentence("district.nothing_new", locale)
    return sentence(
        "district.installed",
        locale,
        units=installed.units,
        days=installed.calendar_days,
        processes=len(installed.processes),
        policies=len(installed.policies),
    )
