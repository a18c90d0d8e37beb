"""A district's files come into the database once, and their mistakes are named by file and line."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.driving import PROCESSES
from workflow.district import District, Installed, install_district, load_district
from workflow.errors import ConfigurationError
from workflow.installation import fact
from workflow.people.unit_file import units_from_csv
from workflow.people.units import units_on
from workflow.reference import reference_of, reference_revision
from workflow.settings import DISTRICTS
from workflow.storage.tables import Base, CalendarDay, PolicyVersion, ProcessVersion, Unit

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
HEADER = "code,kind,name,name_en,phone,valid_from,valid_to,successor"
OFFICES = [
    f"{kind},{kind},{kind},{kind},,,,"
    for kind in (
        "bureau",
        "joint_meeting_office",
        "finance",
        "efficiency_office",
        "supervision",
        "administration",
    )
]


@pytest.fixture
def changle(tmp_path: Path) -> District:
    """A copy whose files a test may change."""
    return load_district(shutil.copytree(DISTRICTS / "changle", tmp_path / "changle"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def count(session: Session, table: type[Base]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_changle_has_its_18_townships_and_one_office_of_each_kind(
    session: Session, changle: District
) -> None:
    install_district(session, changle, NOW)

    reference = reference_of(session)
    townships = units_on(reference, TODAY, "township")
    assert len(townships) == 18
    assert [sum(unit.name.endswith(end) for unit in townships) for end in ("街道", "镇", "乡")] == [5, 11, 2]
    for kind in ("bureau", "joint_meeting_office", "finance", "efficiency_office", "supervision"):
        assert reference.unit_of_kind(kind, TODAY)
    assert reference.calendar.is_working(date(2026, 10, 10)) is True
    assert fact(session, "number_prefix") == "CL"
    assert fact(session, "district_name_zh") == "福州市长乐区"


def test_the_former_town_of_wenwusha_leads_to_its_subdistrict(session: Session, changle: District) -> None:
    install_district(session, changle, NOW)
    reference = reference_of(session)
    ids = {unit.name: unit.id for unit in reference.units.values()}

    assert ids["文武砂镇"] in [unit.id for unit in units_on(reference, date(2021, 6, 5))]
    assert ids["文武砂街道"] not in [unit.id for unit in units_on(reference, date(2021, 6, 5))]
    assert reference.successor_on(ids["文武砂镇"], TODAY) == ids["文武砂街道"]


def test_every_sample_telephone_says_that_it_is_one(changle: District) -> None:
    assert all(row.phone is None or row.phone.endswith("（示例）") for row in changle.units())


def test_a_district_installed_again_adds_nothing(session: Session, changle: District) -> None:
    first = install_district(session, changle, NOW)
    revision = reference_revision(session)

    again = install_district(session, changle, NOW + timedelta(days=1))

    assert first.units == 25
    assert first.processes == tuple(f"{code} {process.version}" for code, process in PROCESSES.items())
    assert first.policies == ("changle-quality-2020",)
    assert again == Installed(0, 0, (), ())
    assert reference_revision(session) == revision


def test_a_unit_follows_its_file_but_keeps_its_telephone(session: Session, changle: District) -> None:
    install_district(session, changle, NOW)
    revision = reference_revision(session)
    session.scalars(select(Unit).where(Unit.code == "350112113")).one().phone = "0591-28500000"
    edit(changle.folder / "units.csv", "梅花镇,Meihua Town", "梅花街道,Meihua Subdistrict")

    assert install_district(session, changle, NOW).units == 0

    meihua = session.scalars(select(Unit).where(Unit.code == "350112113")).one()
    assert (meihua.name, meihua.phone) == ("梅花街道", "0591-28500000")
    assert reference_revision(session) != revision


def test_a_calendar_year_that_is_known_is_left_alone(session: Session, changle: District) -> None:
    install_district(session, changle, NOW)
    session.get_one(CalendarDay, date(2026, 10, 10)).working = False
    days = count(session, CalendarDay)
    edit(changle.folder / "calendar.csv", "2026-10-10,yes", "2026-10-17,yes")

    install_district(session, changle, NOW)

    assert session.get_one(CalendarDay, date(2026, 10, 10)).working is False
    assert count(session, CalendarDay) == days


def test_a_changed_process_needs_a_new_version(session: Session, changle: District) -> None:
    install_district(session, changle, NOW)
    file = changle.folder / "processes" / "referral.toml"
    edit(file, "near_days = 2", "near_days = 3")

    with pytest.raises(ConfigurationError, match="请把 version 改为 2") as refusal:
        install_district(session, changle, NOW)

    assert (refusal.value.file, refusal.value.line) == (str(file), 3)
    assert "Set version to 2" in refusal.value.reason.sentence("en")


def test_a_new_version_of_a_process_stands_beside_the_old_one(session: Session, changle: District) -> None:
    install_district(session, changle, NOW)
    edit(changle.folder / "processes" / "referral.toml", "version = 1", "version = 2")

    assert install_district(session, changle, NOW).processes == ("referral 2",)
    assert count(session, ProcessVersion) == 3


def test_a_changed_policy_is_stored_beside_the_one_applications_run_on(
    session: Session, changle: District
) -> None:
    install_district(session, changle, NOW)
    file = changle.folder / "policy" / "opinions-2020.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# corrected\n", encoding="utf-8")

    assert install_district(session, changle, NOW).policies == ("changle-quality-2020",)
    newest = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc())).first()
    assert newest is not None
    assert newest.source.endswith("# corrected\n")
    assert count(session, PolicyVersion) == 2


def test_a_district_without_processes_or_files_is_refused(changle: District) -> None:
    shutil.rmtree(changle.folder / "processes")
    (changle.folder / "units.csv").unlink()

    with pytest.raises(ConfigurationError, match="没有找到任何流程文件"):
        changle.processes()
    with pytest.raises(ConfigurationError, match="文件不存在"):
        changle.units()
    with pytest.raises(ConfigurationError, match=r"nowhere/district\.toml：文件不存在"):
        load_district(changle.folder / "nowhere")


def test_a_district_with_a_misspelt_key_is_refused_by_line(changle: District) -> None:
    edit(changle.folder / "district.toml", "number_prefix", "number_prefx")

    with pytest.raises(ConfigurationError) as refusal:
        load_district(changle.folder)

    assert (refusal.value.file, refusal.value.line) == (str(changle.folder / "district.toml"), 7)


@pytest.mark.parametrize(
    ("lines", "line", "sentence"),
    [
        (["code,name"], 1, "首行应为“code,kind"),
        ([HEADER, "1,township"], 2, "应有 8 列，现有 2 列"),
        ([HEADER, '"1,township'], 2, "不是有效的 CSV"),
        ([HEADER, "1,township,,A,,,,"], 2, "“name”列不能为空"),
        ([HEADER, "1,village,甲,A,,,,"], 2, "没有“village”这类机构"),
        ([HEADER, "1,township,甲,A,,2021-13-01,,"], 2, "“2021-13-01”不是日期"),
        ([HEADER, "1,township,甲,A,,2021-06-06,2021-06-05,"], 2, "“甲”的截止日期早于起始日期"),
        ([HEADER, "1,township,甲,A,,,,", "1,township,乙,B,,,,"], 3, "机构代码“1”与第 2 行重复"),
        ([HEADER, "1,township,甲,A,,,2021-06-05,2"], 2, "承接机构“2”不在本表中"),
        ([HEADER, "1,township,甲,A,,,2021-06-05,1"], 2, "承接机构“1”不在本表中"),
        ([HEADER, "1,township,甲,A,,,,2", "2,township,乙,B,,,,"], 2, "前者应有截止日期"),
        ([HEADER, *OFFICES], None, "缺少一个存续中的“乡镇（街道）”类机构"),
        ([HEADER, "1,township,甲,A,,,,", *OFFICES[1:]], None, "缺少一个存续中的“市场监管局”类机构"),
        (
            [HEADER, "1,township,甲,A,,,,", *OFFICES, "9,bureau,乙,B,,,,"],
            9,
            "“市场监管局”类机构同一天只能有一个",
        ),
    ],
)
def test_a_mistake_in_the_units_is_named_by_line(lines: list[str], line: int | None, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        units_from_csv("\n".join(lines), "units.csv")

    assert refusal.value.line == line
    assert sentence in str(refusal.value)
    assert refusal.value.reason.sentence("en")


def test_an_office_may_be_succeeded_by_another_of_its_kind() -> None:
    old = "9,bureau,旧局,Old,,,2026-12-31,bureau"
    new = OFFICES[0].replace("bureau,bureau,bureau,bureau,,", "bureau,bureau,新局,New,,2027-01-01")

    rows = units_from_csv("\n".join([HEADER, "1,township,甲,A,,,,", old, new, *OFFICES[1:]]), "units.csv")

    assert len(rows) == 8
