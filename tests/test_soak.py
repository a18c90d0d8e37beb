"""The long runs of `make soak`, cut short: many at once on one pool, and kill -9 under load."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.postgres import Cluster
from tests.soak.clients import Crowd
from tests.soak.house import house_in
from tests.soak.killing import (
    Seen,
    check_nothing_lost,
    let_everything_settle,
    people_work,
    ten_days_of_downtime,
)
from tests.world import World

SECONDS = 3
SEED = 350112


@pytest.mark.long
@pytest.mark.parametrize("name", ["approvals", "revocations"])
def test_sixteen_clients_at_once_keep_a_pool_within_its_entitlement(world: World, name: str) -> None:
    crowd = Crowd(world, SEED)

    tally = crowd.histories(name, range(2))

    crowd.store.dispose()
    assert tally.taken


@pytest.mark.long
@pytest.mark.parametrize("database", DATABASES)
def test_kill_9_under_load_loses_nothing_and_tells_nobody_twice(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with house_in(tmp_path, _url(database, request)) as house:
        seen = Seen()
        people_work(house, SECONDS, SEED, workers=2, seen=seen)
        let_everything_settle(house)
        house.stop()
        ten_days_of_downtime(house, 2)
        check_nothing_lost(house, seen)

    assert seen.accepted


def _url(database: str, request: pytest.FixtureRequest) -> str:
    if database == "sqlite":
        return "sqlite:///var/lianshen.db"
    server: Cluster = request.getfixturevalue("postgres")
    return server.create_database()
