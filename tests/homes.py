"""The databases of the tests: copied from a template when asked for, kept at the places where many begin."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import event

from tests.postgres import Cluster
from workflow.process import definitions
from workflow.storage.store import Store

# Each place takes ten megabytes of memory on PostgreSQL.
MOST_PLACES = 24


class Site(Protocol):
    """Where one database is built from templates, torn down, and made a template itself."""

    url: str

    def clear(self) -> None: ...

    def build(self, template: str) -> None: ...

    def kept(self) -> str:
        """The template of what stands now; nobody may be connected."""
        ...

    def forget(self, template: str) -> None: ...


class SqliteSite:
    def __init__(self, folder: Path) -> None:
        self._ground, self._templates = folder / "home", folder / "templates"
        self._ground.mkdir()
        self._templates.mkdir()
        self._file = self._ground / "lianshen.db"
        self._numbers = count(1)
        self.url = f"sqlite:///{self._file}"

    def clear(self) -> None:
        for left in self._ground.iterdir():
            left.unlink()

    def build(self, template: str) -> None:
        shutil.copy(template, self._file)

    def kept(self) -> str:
        template = self._templates / f"{next(self._numbers)}.db"
        # Everything into the one file, also what the write-ahead log still holds.
        with closing(sqlite3.connect(self._file)) as source, closing(sqlite3.connect(template)) as copy:
            source.backup(copy)
        return str(template)

    def forget(self, template: str) -> None:
        Path(template).unlink()


class PostgresSite:
    def __init__(self, server: Cluster) -> None:
        self._server = server
        self.url = server.create_database()

    def clear(self) -> None:
        self._server.drop_database(self.url)

    def build(self, template: str) -> None:
        self._server.create_database(template, self.url)

    def kept(self) -> str:
        return self._server.create_database(self.url)

    def forget(self, template: str) -> None:
        self._server.drop_database(template)


@dataclass(frozen=True)
class Place:
    """Where a way led: the database, the clock and the count of a world, and what the way answered."""

    template: str
    now: datetime
    number_of_standards: int
    answer: Any


class Home:
    """One address where each test finds a database as new; the statements compiled for it are kept."""

    def __init__(self, site: Site, folder: Path, fill: Callable[[Store], None]) -> None:
        self.store = Store(site.url)
        (folder / "files").mkdir()
        self.evidence_folder = folder / "files" / "evidence"
        self._site = site
        fill(self.store)
        self._places: dict[Hashable, Place] = {}
        self._on_the_way = self._touched = False
        self._building = Lock()
        self.template = self._template()
        self.renew()
        # Only what is asked for is copied: most tests begin at a place, not in the new database.
        for engine in (self.store.reader, self.store.writer):
            event.listen(engine, "do_connect", self._stand)
        event.listen(self.store.writer, "commit", self._note_commit)

    def standing(self) -> Store:
        """The store with its database built, for those who come to it by other ways than this store."""
        self._stand()
        self._touched = True
        return self.store

    def renew(self, *, is_unaltered: bool = True) -> None:
        """Whatever stands here goes; who connects next finds a new one."""
        self.store.dispose()
        self._site.clear()
        shutil.rmtree(self.evidence_folder, ignore_errors=True)
        self._stands = self._touched = False
        self.is_unaltered = is_unaltered
        # A test may have stored a definition of its own under a name that the next one uses.
        definitions.forget()

    def renew_after_commit(self) -> None:
        """The same where nothing but this store connects: what was rolled back is as new."""
        if self._touched:
            self.renew()
        elif not self.store.is_sqlite:
            with self.store.writer.connect() as connection:
                # The one thing that a rollback leaves behind.
                connection.exec_driver_sql("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
        definitions.forget()

    def begin(self, world: Any, way: Hashable, go: Callable[[], Any]) -> Any:
        """Go this way, or stand at once where it led before; only where nobody has changed anything yet."""
        if self._touched or self._is_looked_at() or not self.is_unaltered:
            return go()
        way = (way, world.now, world.number_of_standards)
        if way not in self._places:
            return go() if self._on_the_way else self._kept(world, way, go)
        # The place used last is forgotten last.
        place = self._places[way] = self._places.pop(way)
        self._stand_at(place.template)
        world.now, world.number_of_standards = place.now, place.number_of_standards
        return place.answer

    def _is_looked_at(self) -> bool:
        return any(engine.pool.checkedout() for engine in (self.store.reader, self.store.writer))

    def _stand_at(self, template: str) -> None:
        if self._stands:
            self.store.dispose()
            self._site.clear()
        self._site.build(template)
        self._stands = True

    def _kept(self, world: Any, way: Hashable, go: Callable[[], Any]) -> Any:
        self._on_the_way = True
        try:
            answer = go()
        finally:
            self._on_the_way = False
        self._places[way] = Place(self._template(), world.now, world.number_of_standards, answer)
        if len(self._places) > MOST_PLACES:
            self._site.forget(self._places.pop(next(iter(self._places))).template)
        return answer

    def _template(self) -> str:
        self.store.dispose()
        return self._site.kept()

    def _stand(self, *_connecting: object) -> None:
        with self._building:
            if not self._stands:
                self._stand_at(self.template)

    def _note_commit(self, _connection: object) -> None:
        self._touched = True
