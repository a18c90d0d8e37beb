"""The places where tests begin: as if each had gone the way itself, and only while nothing was changed."""

from __future__ import annotations

from tests.homes import Home
from tests.invariants import Rows, read_rows, without_chance
from tests.world import World


def rows_of(world: World) -> Rows:
    with world.store.reading() as session:
        return read_rows(session)


def another(home: Home) -> World:
    """The world of the next test at the same address."""
    home.renew()
    return World(home.store, home.evidence_folder, home=home)


def test_a_place_is_where_its_way_leads(world: World, home: Home) -> None:
    first = world.paid("donglong", "S2-2")
    kept = rows_of(world)

    second = another(home)
    assert second.paid("donglong", "S2-2") == first
    assert rows_of(second) == kept
    assert (second.now, second.number_of_standards) == (world.now, world.number_of_standards)

    home.renew()
    on_foot = World(home.store, home.evidence_folder)
    assert on_foot.paid("donglong", "S2-2") == first
    assert without_chance(rows_of(on_foot)) == without_chance(kept)
    assert on_foot.now == world.now


def test_from_a_place_everything_goes_on(world: World, home: Home) -> None:
    world.in_review()
    case_id = (later := another(home)).in_review()

    later.do("wang", "endorse", case_id)

    assert later.case(case_id).state == "joint_meeting_approval"
    assert later.submitted("jinlun") == case_id + 1


def test_who_has_changed_something_goes_the_way_herself(world: World, home: Home) -> None:
    world.submitted()
    changed = another(home)
    changed.confirm_accounts()

    case_id = changed.submitted()

    changed.do("lin", "accept", case_id)
    assert changed.case(case_id).state == "township_precheck"


def test_what_is_brought_about_in_a_changed_program_is_not_kept(world: World, home: Home) -> None:
    home.renew(is_unaltered=False)
    world.draft("jiance", "S2-4")
    salts = {row["salt"] for row in rows_of(world)["events"]}

    unaltered = another(home)
    unaltered.draft("jiance", "S2-4")

    assert salts.isdisjoint(row["salt"] for row in rows_of(unaltered)["events"])
