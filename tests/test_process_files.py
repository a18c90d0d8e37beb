"""Process files: the two of the district load, and each kind of mistake is named with its line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.process_text import SMALL, broken, read
from workflow.errors import ConfigurationError
from workflow.process.definition import DUTIES
from workflow.process.loading import load_process, process_from_text
from workflow.process.reasons import SEPARATE_DUTIES


def line_of(text: str, source: str = SMALL) -> int:
    return source.splitlines().index(text) + 1


def mistake_in(source: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as error:
        process_from_text(source, "sample.toml")
    return error.value


def test_the_sample_is_sound_before_it_is_broken() -> None:
    assert process_from_text(SMALL, "sample.toml").code == "sample"


@pytest.mark.parametrize(("code", "states"), [("award_application", 19), ("referral", 9)])
def test_the_processes_of_the_district_load(code: str, states: int) -> None:
    process = read(code)

    assert (process.code, len(process.states)) == (code, states)
    assert {state.name for state in process.states.values() if state.final} > set() - {process.initial}


def test_the_limits_are_those_of_the_design() -> None:
    limits = {name: state.limit_days for name, state in read("award_application").states.items()}

    assert limits == {
        "draft": None, "submitted": 5, "township_precheck": 5, "awaiting_correction": 10, "bureau_review": 15,
        "joint_meeting_approval": 20, "public_notice": 5, "objection_check": 10, "payment_pending": 15,
        "efficiency_office": 5, "revocation_review": 15, "recovering": 30, "paid": None, "recognised": None,
        "rejected": None, "not_accepted": None, "withdrawn": None, "revoked": None, "recovered": None,
    }  # fmt: skip


# What is broken, how, the code of the sentence, and the line that the error has to name.
SUBMITTED, WAITING = "[states.submitted]", "[states.awaiting_correction]"
ACCEPT, CORRECT = "[states.submitted.actions.accept]", "[states.township_precheck.actions.request_correction]"
LAPSE = "[states.awaiting_correction.actions.lapse]"
MISTAKES = [
    ('guards = ["not_taken"]', 'guards = ["no_such"]', "unknown_guard", ACCEPT),
    ('effects = ["take_on"]', 'effects = ["no_such"]', "unknown_effect", ACCEPT),
    ('choose = "origin"', 'choose = "fate"', "unknown_chooser", CORRECT),
    ('choose = "origin"\n', "", "no_choice", CORRECT),
    ('of = "any"', 'of = "afar"', "unknown_relation", CORRECT),
    ('returns = "continue"', 'returns = "never"', "unknown_return", CORRECT),
    ('by = ["township_officer"]\nguards', 'by = ["mayor"]\nguards', "unknown_role", ACCEPT),
    ('tell = ["organisation"]', 'tell = ["the_press"]', "unknown_audience", ACCEPT),
    ('note = "required"', 'colour = "required"', "unknown_input", "[verbs.comment]"),
    ('note = "required"', 'note = "perhaps"', "bad_input_need", 'note = "perhaps"'),
    ('to = "township_precheck"', 'to = "no_such"', "unknown_state", ACCEPT),
    ('in = ["submitted"]', 'in = ["no_such"]', "unknown_state", 'in = ["no_such"]'),
    ('initial = "submitted"', 'initial = "no_such"', "unknown_state", 'code = "sample"'),
    ('to = "township_precheck"', 'to = "withdrawn"', "unreachable", "[states.township_precheck]"),
    ('to = "withdrawn"\nby = ["system"]', 'to = "stay"\nby = ["system"]', "dead_end", WAITING),
    ('holder = "township"\nlimit = 5', 'holder = "nobody"\nlimit = 5', "no_holder", SUBMITTED),
    ('holder = "township"\nlimit = 5', 'holder = "church"\nlimit = 5', "unknown_holder", SUBMITTED),
    ('[states.submitted]\nholder = "township"\n', "[states.submitted]\n", "not_text", SUBMITTED),
    ("limit = 5\n", "", "no_limit", SUBMITTED),
    ("limit = 5\n", "limit = 0\n", "no_limit", "limit = 0"),
    ("limit = 5\n", "limit = 251\n", "no_limit", "limit = 251"),
    ("limit = 5\n", "limit = true\n", "no_limit", "limit = true"),
    ('limit = "none"', 'limit = "some"', "no_limit", 'limit = "some"'),
    ('blue = ["handler"]\n', "", "not_list", None),
    ('blue = ["handler"]', "blue = []", "not_list", None),
    ('blue = ["handler"]', 'blue = ["the_press"]', "unknown_audience", SUBMITTED),
    ('by = ["township_officer"]\nguards', "by = []\nguards", "not_list", "by = []"),
    ('by = ["township_officer"]\nguards', "guards", "not_list", ACCEPT),
    ('by = ["township_officer"]\nguards', "by = [7]\nguards", "bad_permission", "by = [7]"),
    ("limit = 10", 'limit = "none"', "timer_without_limit", WAITING),
    ('timer = "lapse"', 'timer = "no_such"', "unknown_action", WAITING),
    ('timer = "lapse"\n', "", "system_without_timer", LAPSE),
    ('by = ["system"]', 'by = ["applicant"]', "timer_not_system", LAPSE),
    ('by = ["system"]', 'by = ["system", "applicant"]', "system_only", LAPSE),
    ("waiting = true", "waitng = true", "unknown_key", "waitng = true"),
    ("waiting = true", 'waiting = "yes"', "not_flag", 'waiting = "yes"'),
    ('tell = ["organisation"]', 'tell = ["organisation"]\noffered = "no"', "not_flag", 'offered = "no"'),
    ('choose = "origin"', "choose = 7", "not_text", "choose = 7"),
    ('choose = "origin"', "choose = []", "not_text", "choose = []"),
    ("head = true", 'head = "yes"', "not_flag", None),
    ('timer = "lapse"', "timer = 7", "not_text", "timer = 7"),
    ('returns = "continue"', "returns = true", "not_text", "returns = true"),
    ("version = 1", 'version = "1"', "not_integer", 'version = "1"'),
    ("near_days = 2", "near_days = 0", "not_integer", None),
    ('series = "sample"', 'series = ""', "not_text", 'series = ""'),
    ("[states.withdrawn]", "[states.limbo]", "unknown_state", CORRECT),
    (ACCEPT, "[states.submitted.actions.bless]", "no_label", "[states.submitted.actions.bless]"),
    ('tell = ["organisation"]', 'tell = ["organisation"]\nduty = "prechek"', "unknown_duty", ACCEPT),
    ('tell = ["organisation"]', 'tell = ["organisation"]\nrecallable = true', "no_recall", ACCEPT),
    ('by = ["township_officer"]\nguards', 'by = ["bureau_reviewer"]\nguards', "nobody_can", ACCEPT),
    (
        'by = ["township_officer"]\nguards',
        'by = [{ role = "finance_officer", of = "township" }]\nguards', "nobody_can", ACCEPT,
    ),
    ('series = "sample"', 'series = "sample', "not_toml", 'series = "sample'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line"), MISTAKES)
def test_a_mistake_is_named_with_its_file_and_line(old: str, new: str, code: str, line: str | None) -> None:
    source = broken(old, new)

    error = mistake_in(source)

    assert error.reason.code == f"process.{code}"
    assert error.file == "sample.toml"
    assert error.line is not None
    if line is not None:
        assert error.line == line_of(line, source)
    for locale in ("zh", "en"):
        assert f"sample.toml:{error.line}" in error.sentences(locale)[0]


def test_a_duty_that_keeps_people_apart_is_a_known_one() -> None:
    assert set(SEPARATE_DUTIES) <= set(DUTIES)


def test_the_way_back_of_what_may_be_recalled_makes_it_sound() -> None:
    recall = '[states.township_precheck.actions.recall]\nto = "submitted"\nby = ["township_officer"]'
    source = broken('tell = ["organisation"]', 'tell = ["organisation"]\nrecallable = true')

    assert process_from_text(source.replace(WAITING, f"{recall}\n\n{WAITING}"), "sample.toml")


def test_states_that_only_lead_to_each_other_are_named() -> None:
    source = broken('to = ["awaiting_correction", "withdrawn"]', 'to = "awaiting_correction"')
    source = source.replace('to = "withdrawn"\nby = ["system"]', 'to = "township_precheck"\nby = ["system"]')

    error = mistake_in(source)

    assert (error.reason.code, error.line) == ("process.no_end", line_of(SUBMITTED, source))


def test_a_verb_of_many_offices_is_sound_where_one_of_them_serves() -> None:
    source = broken(
        'to = "stay"\nby = ["township_officer"]', 'to = "stay"\nby = ["finance_officer", "township_officer"]'
    )

    assert process_from_text(source, "sample.toml")


def test_a_mistake_in_an_overriding_alert_is_named_at_its_state() -> None:
    source = SMALL.replace(LAPSE, f'[states.awaiting_correction.alerts]\nred = ["the_press"]\n{LAPSE}')

    error = mistake_in(source)

    assert (error.reason.code, error.line) == (
        "process.unknown_audience",
        line_of("[states.awaiting_correction]", source),
    )


@pytest.mark.parametrize("instead", ["7", "true", '"x"', "[]", "[7]", '[["x"]]', "{ x = 1 }", "2026-11-02"])
def test_whatever_stands_in_a_file_it_is_read_or_named(instead: str) -> None:
    lines = SMALL.splitlines()
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if equals:
            changed = [*lines[:number], f"{key} = {instead}", *lines[number + 1 :]]
            with suppress(ConfigurationError):
                process_from_text("\n".join(changed), "sample.toml")


@pytest.mark.parametrize("entry", ["states.heaven = 1", "verbs.bless = 1"])
def test_an_entry_that_should_be_a_section_is_named(entry: str) -> None:
    error = mistake_in(f"{entry}\n{SMALL}")

    assert error.reason.code == "process.not_table"


@pytest.mark.parametrize(("text", "line"), [("this is no process", 1), ('code = "a"\nversion = [', 2)])
def test_a_file_that_is_no_toml_is_named(text: str, line: int) -> None:
    error = mistake_in(text)

    assert (error.reason.code, error.line) == ("process.not_toml", line)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "gbk.toml").write_bytes("# 流程".encode("gbk"))

    for name in ("gbk.toml", "missing.toml"):
        with pytest.raises(ConfigurationError) as error:
            load_process(tmp_path / name)
        assert (error.value.file, error.value.reason.code) == (name, "process.unreadable")


def test_a_file_of_an_editor_that_marks_the_byte_order_is_read(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text(SMALL, encoding="utf-8-sig")

    assert load_process(tmp_path / "sample.toml").code == "sample"
