"""The ledger of a due day in words, and the command `lianshen due`."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import workflow
from workflow.catalogue import label, texts
from workflow.clock.calendar import CalendarDay, WorkingCalendar, calendar_from_csv
from workflow.clock.commands import due
from workflow.clock.ledger import Line, Stay, estimated_note, explain, standing

CSV = Path(workflow.__file__).parent / "districts" / "changle" / "calendar.csv"
CHANGLE = calendar_from_csv(CSV.read_text(encoding="utf-8"), "calendar.csv")

CORRECTED = (
    Stay(date(2026, 11, 5), date(2026, 11, 6), 5, 0, "request_correction", date(2026, 11, 12)),
    Stay(date(2026, 11, 12), None, 5, 1, None, date(2026, 11, 18), entered_by="resubmit"),
)


def open_stay(entered: date, limit: int, due_on: date, used_before: int = 0) -> Stay:
    return Stay(entered, None, limit, used_before, None, due_on)


def words(stays, today: date, locale: str = "zh", calendar: WorkingCalendar = CHANGLE) -> list[str]:
    return [line.sentence(locale, today) for line in explain(stays, today, calendar)]


def test_a_correction_is_told_line_by_line():
    asked, answered = label("action", "request_correction"), label("action", "resubmit")

    assert words(CORRECTED, date(2026, 11, 13)) == [
        "11月5日（四）收件，自次一工作日11月6日（五）起算，时限 5 个工作日。",
        f"11月6日（五）{asked}，当日计入已用：已用 1 日。",
        f"11月12日（四）{answered}，自次一工作日11月13日（五）恢复计时，剩 4 日。",
        "期间11月14日（六）至11月15日（日）为休息日，不计入。",
        "应于11月18日（三）办结。",
    ]


def test_a_correction_is_told_in_english_too():
    asked, answered = label("action", "request_correction", "en"), label("action", "resubmit", "en")

    assert words(CORRECTED, date(2026, 11, 13), "en") == [
        "Received Thu 5 Nov; the limit of 5 working days runs from the next working day, Fri 6 Nov.",
        f"Fri 6 Nov: {asked}; this day counts as used; working days used: 1.",
        (
            f"Thu 12 Nov: {answered}; counting resumes on the next working day, Fri 13 Nov; "
            "working days left: 4."
        ),
        "Days of rest in between, not counted: Sat 14 Nov to Sun 15 Nov.",
        "Due on Wed 18 Nov.",
    ]


def test_stays_without_known_actions_are_told_too():
    stays = (
        Stay(date(2026, 11, 5), date(2026, 11, 6), 5, 0, None, date(2026, 11, 12)),
        open_stay(date(2026, 11, 12), 5, date(2026, 11, 18), used_before=1),
    )

    told = words(stays, date(2026, 11, 13))

    assert told[1] == "11月6日（五）停止计时，当日计入已用：已用 1 日。"
    assert told[2] == "11月12日（四）再次收件，自次一工作日11月13日（五）恢复计时，剩 4 日。"


def test_holidays_and_make_up_days_on_the_way_are_named():
    stay = open_stay(date(2026, 9, 30), 3, date(2026, 10, 10))

    assert words([stay], date(2026, 10, 8))[1:] == [
        "期间10月1日（四）至10月7日（三）为国庆节假期，不计入。",
        "期间10月10日（六）为调休工作日，计入。",
        "应于10月10日（六）办结。",
    ]
    assert words([stay], date(2026, 10, 8), "en")[1:3] == [
        "National Day in between, not counted: Thu 1 Oct to Wed 7 Oct.",
        "Make-up working days in between, counted: Sat 10 Oct.",
    ]


def test_two_holidays_in_one_run_are_both_named():
    days = [CalendarDay(date(2026, 9, 25), False, "中秋节"), CalendarDay(date(2026, 9, 28), False, "国庆节")]
    calendar = WorkingCalendar(days, [2026])
    stay = open_stay(date(2026, 9, 24), 1, date(2026, 9, 29))

    assert words([stay], date(2026, 9, 24), calendar=calendar)[1] == (
        "期间9月25日（五）至9月28日（一）为中秋节、国庆节假期，不计入。"
    )


def test_a_day_on_which_nothing_was_used_is_not_said_to_count():
    same_day = Stay(date(2026, 11, 5), date(2026, 11, 5), 5, 0, None, date(2026, 11, 12))
    on_saturday = Stay(date(2026, 11, 5), date(2026, 11, 7), 5, 0, None, date(2026, 11, 12))

    assert words([same_day], date(2026, 11, 9))[1] == "11月5日（四）停止计时，当日不计：已用 0 日。"
    assert words([on_saturday], date(2026, 11, 9))[2] == "11月7日（六）停止计时，当日不计：已用 1 日。"


def test_a_limit_used_up_still_gives_a_day_and_says_so():
    stays = (
        Stay(date(2026, 11, 2), date(2026, 11, 10), 5, 0, None, date(2026, 11, 9)),
        open_stay(date(2026, 11, 12), 5, date(2026, 11, 13), used_before=6),
    )

    assert "11月12日（四）再次收件，时限已用完，仍给 1 个工作日，自次一工作日11月13日（五）起算。" in words(
        stays, date(2026, 11, 12)
    )


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (None, "应于11月13日（五）办结，已超期。"),
        (date(2026, 11, 13), "应于11月13日（五）办结，按时完成。"),
        (date(2026, 11, 14), "应于11月13日（五）办结，实际超期完成（其间无工作日）。"),
        (date(2026, 11, 17), "应于11月13日（五）办结，实际超期 2 个工作日完成。"),
    ],
)
def test_the_last_line_says_how_it_ended(left, verdict):
    stay = Stay(date(2026, 11, 6), left, 5, 0, None, date(2026, 11, 13))

    assert words([stay], date(2026, 11, 20))[-1] == verdict


def test_a_recorded_day_other_than_the_counted_one_is_owned_up_to():
    stay = open_stay(date(2026, 11, 5), 5, date(2026, 11, 16))

    assert "按现行日历推算为11月12日（四），登记的到期日为11月16日（一），以登记的为准。" in words(
        [stay], date(2026, 11, 6)
    )


def test_a_day_resting_on_an_unpublished_year_says_it_is_estimated():
    stay = open_stay(date(2026, 12, 30), 3, date(2027, 1, 5))

    told = words([stay], date(2026, 12, 30))

    assert told[1] == "期间2027年1月1日（五）至2027年1月3日（日）为元旦假期，不计入。"
    assert told[-2:] == [
        "应于2027年1月5日（二）办结。",
        "2027年的节假日安排尚未公布，此日期为预计，公布后可能调整。",
    ]


def test_many_unpublished_years_are_named_as_a_span():
    note = estimated_note(date(2026, 12, 30), date(2029, 3, 1), CHANGLE)

    assert note is not None
    assert note.sentence("en").startswith("The holidays of 2027–2029 are not published yet")
    assert estimated_note(date(2026, 11, 5), date(2026, 11, 12), CHANGLE) is None


def test_a_state_without_a_limit_has_one_line():
    stay = Stay(date(2026, 11, 5), None, None, 0, None, None)

    assert words([stay], date(2026, 11, 6)) == ["本环节不设时限。"]
    assert explain([], date(2026, 11, 6), CHANGLE) == ()


@pytest.mark.parametrize(
    ("today", "zh", "en"),
    [
        (date(2026, 11, 10), "剩 3 个工作日", "3 working days left"),
        (date(2026, 11, 12), "剩 1 个工作日", "1 working day left"),
        (date(2026, 11, 13), "今天到期", "Due today"),
        (date(2026, 11, 14), "已超期（其后尚无工作日）", "Overdue (no working day since)"),
        (date(2026, 11, 16), "超期 1 个工作日", "1 working day late"),
        (date(2026, 11, 18), "超期 3 个工作日", "3 working days late"),
    ],
)
def test_the_standing_of_a_step_fits_into_a_cell(today, zh, en):
    line = standing(date(2026, 11, 13), today, CHANGLE)

    assert (line.sentence(), line.sentence("en")) == (zh, en)


def test_a_line_speaks_the_same_codes_in_both_languages():
    zh, en = ({code for code in texts(locale) if code.startswith("clock.")} for locale in ("zh", "en"))

    assert zh == en
    assert Line("clock.standing.due_today").sentence("en") == "Due today"


def run(*arguments: str, **env: str):
    return CliRunner().invoke(due, arguments, env={"LC_ALL": None, "LC_MESSAGES": None, "LANG": None, **env})


def test_the_command_prints_json_for_machines():
    certain = run("--from", "2026-11-05", "--days", "5", "--json")
    estimated = run("--from", "2026-12-30", "--days", "3", "--json")

    assert json.loads(certain.output) == {"due_on": "2026-11-12", "estimated": False}
    assert json.loads(estimated.output) == {"due_on": "2027-01-05", "estimated": True}


def test_the_command_speaks_chinese_unless_the_terminal_speaks_english():
    chinese = run("--from", "2026-11-05", "--days", "5")
    english = run("--from", "2026-12-30", "--days", "3", LANG="en_GB.UTF-8")

    assert chinese.output == "自2026年11月5日（四）起 5 个工作日：应于2026年11月12日（四）办结。\n"
    assert english.output.splitlines() == [
        "3 working days from Wed 30 Dec 2026: due on Tue 5 Jan 2027.",
        "The holidays of 2027 are not published yet: this day is estimated and may move.",
    ]


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("--from", "2026-02-30"),
        ("--from", "20261105"),
        ("--from", "1999-12-31"),
        ("--from", "2100-01-01"),
        ("--from", ""),
        ("--days", "0"),
        ("--days", "-3"),
        ("--days", "3661"),
        ("--days", "five"),
        ("--days", "1.5"),
        ("--days", "٥"),
    ],
)
def test_bad_input_names_the_option_and_what_was_found(option, found):
    arguments = {"--from": "2026-11-05", "--days": "5"} | {option: found}

    answer = run(*(part for pair in arguments.items() for part in pair), "--json")

    assert answer.exit_code == 2
    assert option in answer.output
    assert found in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.parametrize(
    ("content", "says"), [(None, "calendar.csv"), (b"\xff\xfe", "UTF-8"), (b"a,b\n", "csv:1")]
)
def test_a_district_without_a_sound_calendar_is_named(tmp_path, content, says):
    if content is not None:
        (tmp_path / "calendar.csv").write_bytes(content)

    answer = run("--from", "2026-11-05", "--days", "5", "--district", str(tmp_path), LANG="en_US")

    assert answer.exit_code == 2
    assert "--district" in answer.output
    assert says in answer.output


def test_the_command_loads_no_library_it_does_not_need():
    script = (
        "import sys; from workflow.clock.commands import due;"
        "due(['--from', '2026-11-05', '--days', '3660', '--json'], standalone_mode=False);"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'chinese_calendar', 'flask', 'sqlalchemy', 'transitions', 'babel'}))"
    )

    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert printed.stdout.splitlines()[-1] == "[]"
