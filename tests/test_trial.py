"""The command `lianshen trial`: the four readings over a file of claims, and what a faulty file is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main
from workflow.policy.policy import load_policies
from workflow.policy.terms import READINGS
from workflow.policy.trial import policy_of, read_claims

HERE = Path(__file__).parent
CHANGLE = HERE.parent / "workflow" / "districts" / "changle"
POLICY = (CHANGLE / "policy" / "opinions-2020.toml").read_text(encoding="utf-8")
EXAMPLES = json.loads((HERE / "worked_examples.json").read_text(encoding="utf-8"))
CLAIM = {"line": "Q1-5", "organisation": "甲", "awarded_on": "2024-06-01", "achievement": "quality award"}


@pytest.fixture(autouse=True)
def chinese_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def other_district(folder: Path, **texts: str) -> Path:
    """A district folder with policy files of these texts beside the published one."""
    (folder / "policy").mkdir()
    (folder / "policy" / "opinions.zh.txt").write_bytes((CHANGLE / "policy" / "opinions.zh.txt").read_bytes())
    for name, text in texts.items():
        (folder / "policy" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def trial(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["trial", *map(str, arguments)])


def written(folder: Path, content: object) -> Path:
    file = folder / "claims.json"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["id"])
def test_the_worked_examples_come_out(tmp_path: Path, example: dict[str, object]) -> None:
    result = trial(written(tmp_path, example), "--json")

    assert result.exit_code == 0
    readings = json.loads(result.stdout)["readings"]
    assert tuple(readings) == READINGS
    assert {name: each["total_yuan"] for name, each in readings.items()} == example["payable_yuan"]
    for each in readings.values():
        assert each["total_yuan"] == sum(claim["payable_yuan"] for claim in each["claims"])
        assert len(each["claims"]) == len(example["claims"])
        assert all(claim["reason"] for claim in each["claims"])


def test_what_was_paid_is_taken_off(tmp_path: Path) -> None:
    higher = {**CLAIM, "line": "Q1-3", "paid_yuan": 0}
    file = written(tmp_path, {"claims": [{**CLAIM, "paid_yuan": 500_000}, higher]})

    claims = json.loads(trial(file, "--json").stdout)["readings"]["per_item"]["claims"]

    assert [each["payable_yuan"] for each in claims] == [0, 500_000]
    assert "补差" in claims[1]["reason"]


def test_numbers_promises_revocations_and_amounts_may_be_told(tmp_path: Path) -> None:
    told = [
        {**CLAIM, "line": "Q1-3", "number": "2024-1", "stands": False, "paid_yuan": 100_000},
        {**CLAIM, "number": "2024-2", "promised_yuan": 500_000, "amount_yuan": 450_000},
    ]

    readings = json.loads(trial(written(tmp_path, {"claims": told}), "--json").stdout)["readings"]

    claims = readings["pooled"]["claims"]
    assert [each["payable_yuan"] for each in claims] == [0, 350_000]


def test_the_table_names_readings_totals_and_the_adopted_one(tmp_path: Path) -> None:
    lines = trial(written(tmp_path, EXAMPLES[0])).stdout.splitlines()

    assert lines[0] == "按项就高 (现行口径)  合计 1,630,000"
    assert [line for line in lines if "合计" in line and "现行口径" in line] == lines[:1]
    assert any("Q1-5" in line and "就高不重复，见 Q1-3" in line for line in lines)


def test_the_help_calls_a_reading_what_the_tables_call_it() -> None:
    commands = CliRunner().invoke(main, ["--help"]).stdout

    assert "四种就高口径" in trial("--help").stdout
    assert "四种口径" in commands
    assert "读法" not in commands


def test_reasons_are_english_where_the_terminal_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    assert "Highest only, not twice: see Q1-3" in trial(written(tmp_path, EXAMPLES[0])).stdout


def test_no_claims_come_to_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, {"claims": []})

    assert json.loads(trial(file, "--json").stdout)["readings"]["pooled"] == {"total_yuan": 0, "claims": []}
    assert trial(file).exit_code == 0


def test_a_trial_refuses_no_award_date(tmp_path: Path) -> None:
    file = written(tmp_path, {"claims": [{**CLAIM, "awarded_on": "2019-07-05"}]})

    assert json.loads(trial(file, "--json").stdout)["readings"]["per_item"]["total_yuan"] == 500_000


def test_another_districts_folder_can_be_named(tmp_path: Path) -> None:
    other = other_district(tmp_path, own=POLICY.replace('reading = "per_item"', 'reading = "pooled"'))

    result = trial(written(tmp_path, EXAMPLES[0]), "--district", other)

    assert "两项合并就高 (现行口径)" in result.stdout


def test_each_claim_falls_under_the_policy_of_its_award_date(tmp_path: Path) -> None:
    first = POLICY.replace("awards_from =", "valid_to = 2023-12-31\nawards_from =", 1)
    second = (
        POLICY.replace("2020-01-01", "2024-01-01")
        .replace('code = "changle-quality-2020"', 'code = "later"')
        .replace("amount_yuan = 500_000", "amount_yuan = 400_000", 1)
        .replace("9_820_000", "9_720_000")
    )
    other = other_district(tmp_path, first=first, second=second)
    days = ("2024-01-01", "2023-12-31", "2019-01-01")
    file = written(tmp_path, {"claims": [{**CLAIM, "line": "Q1-4", "awarded_on": day} for day in days]})

    result = trial(file, "--json", "--district", other)

    claims = json.loads(result.stdout)["readings"]["per_item"]["claims"]
    assert [each["payable_yuan"] for each in claims] == [400_000, 500_000, 500_000]
    policies = load_policies(other)
    chosen = [policy_of(claim, policies).code for claim in read_claims(file, policies)]
    assert chosen == ["later", "changle-quality-2020", "changle-quality-2020"]


BAD_CLAIMS = [
    ("a text", "应为一个对象"),
    ({**CLAIM, "line": "Q9-9"}, "line“Q9-9”"),
    ({**CLAIM, "line": 7}, "line 应为非空文字"),
    ({**CLAIM, "organisation": ""}, "organisation 应为非空文字"),
    ({**CLAIM, "organisation": None}, "organisation 应为非空文字"),
    ({**CLAIM, "achievement": ["a"]}, "achievement 应为非空文字"),
    ({key: value for key, value in CLAIM.items() if key != "achievement"}, "缺少 achievement"),
    ({**CLAIM, "awarded_on": "2024-02-30"}, "awarded_on"),
    ({**CLAIM, "awarded_on": "20240601"}, "awarded_on"),
    ({**CLAIM, "awarded_on": 20240601}, "awarded_on"),
    ({**CLAIM, "paid_yuan": -1}, "paid_yuan"),
    ({**CLAIM, "paid_yuan": True}, "paid_yuan"),
    ({**CLAIM, "paid_yuan": 1.0}, "paid_yuan"),
    ({**CLAIM, "paid_yuan": "500000"}, "paid_yuan"),
    ({**CLAIM, "paid_yuan": None}, "paid_yuan"),
    ({**CLAIM, "paid_yuan": float("nan")}, "paid_yuan"),
    ({**CLAIM, "promised_yuan": False}, "promised_yuan"),
    ({**CLAIM, "amount_yuan": "x" * 9999}, "amount_yuan"),
    ({**CLAIM, "stands": "yes"}, "stands"),
    ({**CLAIM, "number": 5}, "number"),
    ({**CLAIM, "paid": 5}, "paid 不认识"),
]


@pytest.mark.parametrize(
    ("claim", "said"), BAD_CLAIMS, ids=[f"{number} {said}" for number, (_, said) in enumerate(BAD_CLAIMS)]
)
def test_a_bad_claim_is_named_by_number_and_key(tmp_path: Path, claim: object, said: str) -> None:
    result = trial(written(tmp_path, {"claims": [CLAIM, claim]}), "--json")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("第 2 条")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "JSON"),
        (b"{claims: []}", "第 1 行第 2 列"),
        (b"[]", "claims"),
        (b'{"claims": {}}', "claims"),
        (b'"claims"', "claims"),
        ('{"claims": ["甲"]}'.encode("gb18030"), "UTF-8"),
        (b"[" * 200_000, "JSON"),
        (b'{"claims": [' + b"9" * 9999 + b"]}", "JSON"),
    ],
    ids=["empty", "unquoted", "list", "object", "text", "gb18030", "deep", "huge"],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "claims.json"
    file.write_bytes(content)

    result = trial(file)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "claims.json"
    file.write_text(json.dumps({"claims": [{**CLAIM, "achievement": "\ud800"}]}), encoding="ascii")

    assert "achievement" in trial(file, "--json").stderr


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "claims.json"
    file.write_text(json.dumps({"claims": [CLAIM]}), encoding="utf-8-sig")

    assert trial(file).exit_code == 0


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    result = trial(tmp_path / name)

    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr


def test_a_district_without_policy_is_named(tmp_path: Path) -> None:
    result = trial(written(tmp_path, {"claims": []}), "--district", tmp_path)

    assert result.exit_code == 2
    assert str(tmp_path / "policy") in result.stderr


def test_the_installation_says_whose_policy_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[district]\nfolder = "{tmp_path}"\n', encoding="utf-8")
    monkeypatch.setenv("LIANSHEN_CONFIG", str(config))

    assert str(tmp_path / "policy") in trial(written(tmp_path, {"claims": []})).stderr


def test_a_trial_loads_no_database_and_no_pages() -> None:
    code = (
        "import sys, workflow.policy.commands;"
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'flask', 'transitions')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
