"""Policy files: the one of Changle, and what a faulty one is told, by file and line."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.policy_text import CHANGLE, FILE, ROOT
from workflow.catalogue import LOCALES, texts
from workflow.errors import ConfigurationError
from workflow.policy.policy import load_policies, load_policy, policy_from_text
from workflow.policy.terms import CapPerOrganisationYear

TEXT = FILE.read_text(encoding="utf-8")


def test_the_policy_has_35_lines_worth_9_820_000_yuan() -> None:
    assert (len(CHANGLE.lines), sum(line.amount_yuan for line in CHANGLE.lines)) == (35, 9_820_000)


def test_the_rule_covers_items_1_and_3_alone() -> None:
    assert CHANGLE.highest_only.items == (1, 3)
    assert CHANGLE.cap is None
    assert {line.code for line in CHANGLE.lines if not line.highest_only} == {"L2-1", "M4-1"}


def test_lead_and_participant_lines_divide_the_ranks() -> None:
    drafters = [line for line in CHANGLE.lines if line.sub_clause == "3(2)"]

    assert {(line.role, line.rank_from, line.rank_to) for line in drafters} == {
        ("lead", 1, 3),
        ("participant", 4, None),
    }
    assert [line.level for line in drafters if line.role == "participant"] == [
        "international",
        "national",
        "industry",
        "local",
    ]


def test_names_tell_the_lines_apart_in_both_languages() -> None:
    for locale in LOCALES:
        assert len({line.name.text(locale) for line in CHANGLE.lines}) == 35


def test_every_line_asks_for_the_common_documents_and_for_one_of_its_own() -> None:
    common = {"application_form", "business_licence", "truth_commitment", "account_details"}

    for line in CHANGLE.lines:
        required = {each.code for each in line.evidence if each.required}
        assert common < required
        assert required - common - {"tax_clearance"}


def test_every_level_role_and_kind_has_a_label() -> None:
    for locale in LOCALES:
        for line in CHANGLE.lines:
            for code in (
                f"policy.level.{line.level}",
                f"policy.role.{line.role}",
                f"policy.achievement_kind.{line.achievement_kind}",
                f"policy.once_per.{line.once_per}",
                *(f"organisation_kind.{kind}" for kind in line.recipients),
            ):
                assert texts(locale)[code]


def test_every_sentence_the_rules_can_say_exists_in_both_languages() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/policy").glob("*.py"))
    said = set(re.findall(r'"(policy\.[a-z_.]+[a-z])"', source)) | {
        f"policy.{family}.{code}"
        for family, pattern in (
            ("file", r'\bfail\(\s*(?:\([^)]*\)\s*,\s*)?"([a-z_0-9]+)"'),
            ("refused", r'doubt\.reason\(\s*"([a-z_]+)"'),
            ("fact", r'_problem\(\w+, "([a-z_]+)"'),
            ("trial", r'_(?:wrong|word)\("([a-z_]+)"'),
        )
        for code in re.findall(pattern, source)
    }

    assert len(said) > 90
    for locale in LOCALES:
        assert said <= texts(locale).keys()


def test_both_languages_say_the_same() -> None:
    ours = {locale: {c: t for c, t in texts(locale).items() if c.startswith("policy.")} for locale in LOCALES}

    assert ours["zh"].keys() == ours["en"].keys()
    for code, text in ours["zh"].items():
        asked = [re.sub(r"_(zh|en)$", "", each) for each in re.findall(r"{(\w+)", text)]
        answered = [re.sub(r"_(zh|en)$", "", each) for each in re.findall(r"{(\w+)", ours["en"][code])]
        assert set(asked) == set(answered), code


def test_the_digest_is_that_of_the_file() -> None:
    assert CHANGLE.digest == hashlib.sha256(FILE.read_bytes()).hexdigest()


def test_a_stored_text_gives_the_same_policy() -> None:
    assert policy_from_text(TEXT, "policy 7 of the database") == CHANGLE


def test_a_cap_can_be_added_as_a_further_rule() -> None:
    rule = '[[rules]]\nkind = "cap_per_organisation_year"\nitems = [1, 3]\ncap_yuan = 1_000_000\n'

    policy = policy_from_text(TEXT.replace("[[corrections]]", f"{rule}\n[[corrections]]", 1), "capped")

    assert policy.cap == CapPerOrganisationYear((1, 3), 1_000_000)


# Faulty files: (what is written, what is written instead, the sentence, a piece of the line it points at)
CAP = '[[rules]]\nkind = "cap_per_organisation_year"\nitems = [1]\ncap_yuan = 0\n\n[[corrections]]'
OPTION = '[rulings.A5.options.either]\nname = { zh = "皆可", en = "Either" }\n\n[rulings.A6]'
FAULTS = [
    ('reading = "per_item"', 'reading = "per_moon"', "unknown_word", "reading"),
    ('reading = "per_item"', "reading = 1", "not_text", "reading"),
    ('reading = "per_item"', 'raeding = "per_item"', "unknown_key", "raeding"),
    ('reading = "per_item"', "", "missing_key", "[policy]"),
    ("valid_from = 2020-01-01", 'valid_from = "2020-01-01"', "not_day", "valid_from"),
    ("valid_from = 2020-01-01", "valid_from = 2020-01-01T00:00:00", "not_day", "valid_from"),
    ("valid_from = 2020-01-01", "valid_from = 2020-01-32", "not_toml", "valid_from"),
    (
        "valid_from = 2020-01-01",
        "valid_from = 2020-01-01\nvalid_to = 2019-12-31",
        "ends_before_it_begins",
        "valid_to",
    ),
    ("awards_from = 2020-01-01", "awards_from = 2019-07-05", "awards_before_validity", "awards_from"),
    ("lines = 35", "lines = 34", "wrong_count", "lines = 34"),
    ("sum_yuan = 9_820_000", "sum_yuan = 9_820_001", "wrong_sum", "sum_yuan"),
    ("amount_yuan = 2_000_000", "amount_yuan = 1_900_000", "wrong_sum", "sum_yuan"),
    ("amount_yuan = 2_000_000", "amount_yuan = 0", "not_positive", "amount_yuan"),
    ("amount_yuan = 2_000_000", "amount_yuan = -2_000_000", "not_positive", "amount_yuan"),
    ("amount_yuan = 2_000_000", "amount_yuan = 2_000_000.0", "not_positive", "amount_yuan"),
    ("amount_yuan = 2_000_000", "amount_yuan = true", "not_positive", "amount_yuan"),
    ('code = "Q1-2"', 'code = "Q1-1"', "line_twice", 'code = "Q1-1"'),
    ('clause = "2"', 'clause = "9"', "unknown_word", 'clause = "9"'),
    ("highest_only = false", "highest_only = true", "highest_only_disagrees", "highest_only = true"),
    ("highest_only = false", 'highest_only = "no"', "not_flag", "highest_only"),
    ('recipients = ["enterprise"]', 'recipients = ["firm"]', "unknown_word", "recipients"),
    ('recipients = ["enterprise"]', 'recipients = "enterprise"', "not_texts", "recipients"),
    ('once_per = "organisation"', 'once_per = "lifetime"', "unknown_word", "once_per"),
    ('key_fields = ["edition"]', 'key_fields = ["document_number"]', "not_a_required_field", "key_fields"),
    ('date_field = "accredited_on"', 'date_field = "laboratory_name"', "not_a_required_day", "date_field"),
    ("rank_to = 3", "rank_to = 0", "not_positive", "rank_to"),
    ("rank_from = 1\nrank_to = 3", "rank_from = 4\nrank_to = 3", "ranks_reversed", "rank_to"),
    (
        'evidence = ["award_decision", "award_certificate"]',
        'evidence = ["award_decision", "award_decision"]',
        "named_twice",
        "evidence",
    ),
    ('evidence = ["award_decision", ', 'evidence = ["award_decison", ', "unknown_word", "evidence"),
    (
        '"laboratory_name", "accreditation_number"',
        '"accreditation_number"',
        "unused",
        "fields.laboratory_name",
    ),
    ("items = [1, 3]", "items = [1, 3, 9]", "unknown_items", "items"),
    ("items = [1, 3]", "items = []", "not_wholes", "items"),
    ("items = [1, 3]", "items = [1]", "highest_only_disagrees", "highest_only = true"),
    ('kind = "highest_only"', 'kind = "lowest_only"', "unknown_word", "kind"),
    ("[[corrections]]", CAP, "not_positive", "cap_yuan"),
    (
        "[[corrections]]",
        '[[rules]]\nkind = "highest_only"\nitems = [1]\n\n[[corrections]]',
        "rule_twice",
        "kind",
    ),
    ('chosen = "by_level"', 'chosen = "by_moon"', "unknown_word", 'chosen = "by_moon"'),
    ('chosen = "foreword_order"', 'chosen = "as_lead"', "unknown_word", 'chosen = "as_lead"'),
    ('kind = "committee_amount"', 'kind = "committee_weight"', "unknown_word", "committee_weight"),
    ("[rulings.A6]", OPTION, "unknown_option", "rulings.A5.options.either"),
    ("[rulings.A9.options.each_unit]", "[rulings.A9.options.each]", "unknown_option", "A9.options.each"),
    ("proposal_yuan = 50_000", "proposal_yuan = 5.5", "not_positive", "proposal_yuan"),
    ('date_field = "implemented_on"', 'date_field = "rank"', "fact_not_asked", "[rulings.A7]"),
    ("last_day = 2022-03-31", 'last_day = "March"', "not_day", "last_day"),
    ('moments = ["award"]', 'moments = ["birth"]', "unknown_word", "moments"),
    ('lines = ["S1-3"]', 'lines = ["S9-9"]', "unknown_word", 'lines = ["S9-9"]'),
    ('lines = ["S1-3"]', 'lines = ["Q1-1"]', "fact_not_asked", 'lines = ["Q1-1"]'),
    ('kind = "subsidies"', 'kind = "counted_each"', "unknown_option", "rulings.A14.options.covered"),
    ('printed = "给与"', "printed = 1", "not_text", "printed"),
    ('[fields.edition]\nkind = "integer"', '[fields.edition]\nkind = "number"', "unknown_word", "kind"),
    (
        '[fields.edition]\nkind = "integer"',
        '[fields.edition]\nkind = "text"',
        "least_belongs_to_integer",
        "least",
    ),
    ("least = 1", "least = -1", "not_from_zero", "least"),
    (
        '[fields.body_type]\nkind = "choice"',
        '[fields.body_type]\nkind = "text"',
        "choices_belong_to_choice",
        "choices",
    ),
    ("[policy]\n", "[polcy]\n", "unknown_key", "[polcy]"),
    ('[document]\ntitle = { zh = "', '[document]\ntitle = { de = "', "unknown_key", "title"),
    ("[[lines]]", "[lines]", "not_toml", "[[lines]]"),
]


@pytest.mark.parametrize(
    ("written", "instead", "code", "at"),
    FAULTS,
    ids=[f"{number} {each[2]}" for number, each in enumerate(FAULTS)],
)
def test_a_faulty_file_is_told_what_and_where(written: str, instead: str, code: str, at: str) -> None:
    assert written in TEXT
    faulty = TEXT.replace(written, instead, 1)

    with pytest.raises(ConfigurationError) as refusal:
        policy_from_text(faulty, "opinions.toml")

    error = refusal.value
    assert error.reason.code == f"policy.file.{code}"
    assert error.line is not None
    assert at in faulty.splitlines()[error.line - 1]
    assert str(error).startswith(f"opinions.toml:{error.line}：")
    assert error.reason.sentence("en")


def test_a_missing_option_is_named() -> None:
    start = TEXT.index("[rulings.A9.options.each_unit]")
    without = TEXT[:start] + TEXT[TEXT.index("[rulings.A10]") :]

    with pytest.raises(ConfigurationError) as refusal:
        policy_from_text(without, "opinions.toml")

    assert refusal.value.reason.code == "policy.file.missing_options"
    assert refusal.value.reason.params["options"] == ["each_unit"]


def test_a_second_ruling_point_of_one_kind_on_a_line_is_refused() -> None:
    point = TEXT[TEXT.index("[rulings.A5]") : TEXT.index("[rulings.A6]")]

    with pytest.raises(ConfigurationError) as refusal:
        policy_from_text(TEXT + point.replace("rulings.A5", "rulings.A99"), "opinions.toml")

    assert refusal.value.reason.code == "policy.file.point_twice"


@pytest.mark.parametrize("length", range(0, len(TEXT), 4001))
def test_a_file_cut_short_is_refused_in_a_sentence(length: int) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        policy_from_text(TEXT[:length], "opinions.toml")

    assert str(refusal.value)


def test_a_clause_that_differs_from_the_published_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "opinions.zh.txt").write_bytes((FILE.parent / "opinions.zh.txt").read_bytes())
    changed = tmp_path / "changed.toml"
    changed.write_text(TEXT.replace("分别给与一次性", "分别给予一次性", 1), encoding="utf-8")

    with pytest.raises(ConfigurationError) as refusal:
        load_policy(changed)

    assert refusal.value.reason.code == "policy.file.quote_differs"
    assert refusal.value.line is not None
    assert (
        "分别给予一次性奖励50万元" in changed.read_text(encoding="utf-8").splitlines()[refusal.value.line - 1]
    )


@pytest.mark.parametrize(
    ("content", "code"), [(None, "unreadable"), ("[policy]\n# 政策".encode("gb18030"), "not_utf8")]
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, code: str) -> None:
    file = tmp_path / "policy.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError) as refusal:
        load_policy(file)

    assert (refusal.value.file, refusal.value.reason.code) == (str(file), f"policy.file.{code}")


def test_a_district_without_a_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_policies(tmp_path)

    assert refusal.value.reason.code == "policy.file.none_found"
