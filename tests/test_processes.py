"""Process definitions at work: frozen, one machine for each, kept by the cases they were given."""

from __future__ import annotations

import dataclasses

import pytest

from tests.process_text import broken, read
from tests.world import World
from workflow.catalogue import label
from workflow.errors import Refused
from workflow.process.available import available
from workflow.process.definition import APPLICANT_ROLE, ROLES, SYSTEM_ROLE
from workflow.process.definitions import newest_process
from workflow.process.loading import process_from_text, stored_process
from workflow.process.machine import machine_of, next_state
from workflow.storage.tables import Case, ProcessVersion


def test_a_definition_is_frozen() -> None:
    process = read("award_application")

    with pytest.raises(dataclasses.FrozenInstanceError):
        process.version = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        process.states["paid"].final = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        process.states["heaven"] = process.states["paid"]  # type: ignore[index]
    with pytest.raises(TypeError):
        process.states["paid"].actions["bless"] = None  # type: ignore[index]


def test_there_is_one_machine_for_each_content() -> None:
    first, again = read("award_application"), read("award_application")
    changed = process_from_text(first.source + "\n# a word\n", "award_application.toml")

    assert machine_of(first) is machine_of(again)
    assert machine_of(first) is not machine_of(changed)


def test_a_machine_knows_only_the_actions_of_its_process() -> None:
    process = read("award_application")
    machine = machine_of(process)

    assert set(machine.events) == process.actions
    assert not [name for name in machine.events if name.startswith("to_")]
    assert machine.models == []


def test_a_machine_moves_along_the_defined_ways_only() -> None:
    process = read("award_application")

    assert next_state(process, "submitted", "accept", "township_precheck") == "township_precheck"
    assert next_state(process, "submitted", "accept", "paid") is None
    assert next_state(process, "submitted", "approve", "public_notice") is None
    assert next_state(process, "joint_meeting_approval", "defer", "stay") == "joint_meeting_approval"
    assert next_state(process, "awaiting_correction", "resubmit", "bureau_review") == "bureau_review"
    assert next_state(process, "awaiting_correction", "resubmit", "paid") is None


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("role", [role for role in ROLES if role not in (APPLICANT_ROLE, SYSTEM_ROLE)])
def test_a_district_may_leave_any_act_to_the_head_of_any_office(role: str, locale: str) -> None:
    assert label("head_of", role, locale)


def test_a_running_case_keeps_the_process_it_was_given(world: World) -> None:
    running = world.submitted()
    with world.store.writing() as session:
        old = newest_process(session, "award_application")
        following = old.version + 1
        source = old.source.replace(f"version = {old.version}", f"version = {following}", 1)
        source = source.replace('[states.submitted]\nholder = "township"\nlimit = 5', NEW_LIMIT, 1)
        session.add(
            ProcessVersion(
                code="award_application",
                version=old.version + 1,
                digest="2",
                source=source,
                stored_at=world.now,
            )
        )
        session.commit()

    fresh = world.submitted(line="Q1-3")

    kept, given = world.case(running).process_version, world.case(fresh).process_version
    assert (kept, given) == (old.version, following)
    assert str(world.case(running).due_on) == "2026-11-09"
    assert str(world.case(fresh).due_on) == "2026-11-03"
    world.confirm_accounts()
    world.do("lin", "accept", running)
    world.do("lin", "accept", fresh)


def test_a_stored_version_is_read_though_it_names_rules_that_are_gone() -> None:
    source = broken('guards = ["not_taken"]', 'guards = ["not_taken", "once_known"]')
    source = source.replace('effects = ["take_on"]', 'effects = ["take_on", "once_done"]')
    source = source.replace('choose = "origin"', 'choose = "by_lot"')

    actions = {name: state.actions for name, state in stored_process(source, "sample.toml").states.items()}

    accept, correct = actions["submitted"]["accept"], actions["township_precheck"]["request_correction"]
    assert (accept.guards, accept.effects) == (("not_taken", "rule_gone"), ("take_on",))
    assert (correct.guards, correct.choose) == (("rule_gone",), None)
    assert actions["submitted"]["comment"].guards == ()


def test_only_the_action_that_needs_a_rule_which_is_gone_refuses(world: World) -> None:
    case_id = world.in_precheck()
    with world.store.writing() as session:
        stored = newest_process(session, "award_application")
        old = "[states.township_precheck.actions.recommend]\n"
        source = stored.source.replace(old, f'{old}effects = ["once_done"]\n', 1)
        source = source.replace(f"version = {stored.version}", "version = 7", 1)
        session.add(
            ProcessVersion(
                code="award_application", version=7, digest="7", source=source, stored_at=world.now
            )
        )
        session.get_one(Case, case_id).process_version = 7
        session.commit()

    with pytest.raises(Refused) as refusal:
        world.do("lin", "recommend", case_id)

    assert [reason.code for reason in refusal.value.reasons] == ["reason.rule_gone"]
    assert "第 7 版" in refusal.value.sentences("zh")[0]
    with world.store.reading() as session:
        offered = available(session, case_id, world.actor("lin"), world.now)
    assert {each.action: bool(each.reasons) for each in offered}["recommend"] is True
    world.do("lin", "reject", case_id, reason="不符合条件")


NEW_LIMIT = '[states.submitted]\nholder = "township"\nlimit = 1'
