"""The doubtful points of a policy: the kinds the rules understand, and how they are read from its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow.policy.source import Table
from workflow.policy.terms import ORGANISATION_KINDS, AwardLine, RulingOption, RulingPoint

# kind of point -> option -> setting -> how the setting is written
KINDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "committee_amount": {"by_level": {}, "by_body": {"amounts_yuan": "wholes_by_name"}},
    "committee_bodies": {"tc_only": {"bodies": "texts"}, "sc_and_wg_too": {"bodies": "texts"}},
    "rank_source": {"foreword_order": {}, "certificate_rank": {}, "as_lead": {}, "as_participant": {}},
    "unlisted_participant": {"not_paid": {}, "paid": {"amount_yuan": "whole"}},
    "local_levels": {"province_and_city": {"levels": "texts"}, "province_only": {"levels": "texts"}},
    "amendment_sheets": {"excluded": {}, "counted": {}},
    "standard_date": {"published_on": {"date_field": "field"}, "implemented_on": {"date_field": "field"}},
    "several_drafters": {"each_unit": {}, "top_only": {}},
    "joint_projects": {"lead_once": {}, "each_unit": {}},
    "prize_rank": {"top_three": {"rank_to": "whole"}, "rank_one": {"rank_to": "whole"}, "all_listed": {}},
    "unlisted_grade": {
        "needs_ruling": {"grade": "text", "proposal_yuan": "whole"},
        "paid": {"grade": "text", "amount_yuan": "whole"},
        "not_paid": {"grade": "text"},
    },
    "higher_grade_later": {"both": {}, "top_up": {}, "first_only": {}},
    "counted_each": {"whole_item": {}, "s37_per_item": {}},
    "subsidies": {"covered": {}, "outside": {}},
    "closed_scheme": {"until_closed": {"last_day": "day"}, "open": {}},
    "award_recipients": {"enterprises": {}, "any_winner": {"recipients": "texts"}},
    "higher_level_money": {"stack": {}, "deduct": {}},
    "accreditation": {
        "laboratory_17025": {"standards": "texts", "laboratory_types": "texts"},
        "also_15189_and_17020": {"standards": "texts", "laboratory_types": "texts"},
        "in_house_too": {"standards": "texts", "laboratory_types": "texts"},
    },
    "measurement_certificate": {"any_grade": {"grades": "texts"}, "top_grade_only": {"grades": "texts"}},
    "clause_wording": {"verbatim_in_documents": {}, "verbatim": {}, "corrected": {}},
    "awards_from": {"in_force": {}, "not_retroactive": {"awards_from": "day"}},
    "registered_here": {
        "at_application_and_payment": {"moments": "texts"},
        "at_award": {"moments": "texts"},
        "at_application": {"moments": "texts"},
        "at_payment": {"moments": "texts"},
    },
    "township_money": {"add": {}, "deduct": {}},
}

# The facts each kind asks of every line it applies to; a line without them could never be judged.
FACTS_ASKED: Mapping[str, tuple[str, ...]] = {
    "committee_amount": ("body_type",),
    "committee_bodies": ("body_type",),
    "rank_source": ("rank",),
    "unlisted_participant": ("rank",),
    "local_levels": ("local_level",),
    "amendment_sheets": ("revision_kind",),
    "joint_projects": ("project_role",),
    "prize_rank": ("rank",),
    "unlisted_grade": ("certificate_grade",),
    "higher_grade_later": ("certificate_grade",),
    "higher_level_money": ("higher_level_yuan",),
    "accreditation": ("accreditation_standard", "laboratory_type"),
    "measurement_certificate": ("certificate_grade", "first_certificate"),
    "township_money": ("township_yuan",),
}
CASE_ONLY = {("rank_source", "as_lead"), ("rank_source", "as_participant")}
MOMENTS = ("award", "application", "payment")


def read_points(root: Table, lines: Sequence[AwardLine]) -> tuple[RulingPoint, ...]:
    """All ruling points: known kinds with exactly their options, on lines that ask the facts they need."""
    points = []
    claimed: dict[tuple[str, str], str] = {}
    for code, table in root.named_tables("rulings").items():
        point = _point(code, table, lines)
        for line in point.lines:
            if (point.kind, line) in claimed:
                table.fail("point_twice", "lines", kind=point.kind, line=line)
            claimed[point.kind, line] = code
        points.append(point)
    return tuple(points)


def _point(code: str, table: Table, lines: Sequence[AwardLine]) -> RulingPoint:
    table.only(("kind", "question", "lines", "chosen", "source", "options"))
    kind = table.word("kind", KINDS)
    options = _options(kind, table)
    chosen = table.word("chosen", [each.code for each in options if not each.case_only])
    concerned = _concerned(table, lines)
    _check_facts(kind, concerned, table)
    _check_date_fields(options, concerned, table)
    question, source = table.wording("question"), table.wording("source")
    return RulingPoint(code, kind, question, tuple(line.code for line in concerned), options, chosen, source)


def _concerned(table: Table, lines: Sequence[AwardLine]) -> list[AwardLine]:
    if table.content.get("lines") == "all":
        return list(lines)
    codes = table.words("lines", [line.code for line in lines])
    return [line for line in lines if line.code in codes]


def _check_facts(kind: str, lines: Sequence[AwardLine], table: Table) -> None:
    for line in lines:
        for fact in FACTS_ASKED.get(kind, ()):
            if line.field(fact) is None:
                table.fail("fact_not_asked", "lines", line=line.code, fact=fact)


def _check_date_fields(options: Sequence[RulingOption], lines: Sequence[AwardLine], table: Table) -> None:
    for fact in [each.settings["date_field"] for each in options if "date_field" in each.settings]:
        for line in lines:
            asked = line.field(str(fact))
            if asked is None or asked.kind != "day":
                table.fail("fact_not_asked", "options", line=line.code, fact=fact)


def _options(kind: str, table: Table) -> tuple[RulingOption, ...]:
    found = table.named_tables("options")
    for code, option in found.items():
        if code not in KINDS[kind]:
            option.fail("unknown_option", option=code, known=list(KINDS[kind]))
    if missing := [code for code in KINDS[kind] if code not in found]:
        table.fail("missing_options", "options", options=missing)
    return tuple(_option(kind, code, option) for code, option in found.items())


def _option(kind: str, code: str, table: Table) -> RulingOption:
    shapes = KINDS[kind][code]
    table.only(("name", *shapes))
    settings = {key: _setting(table, key, shape) for key, shape in shapes.items()}
    return RulingOption(code, table.wording("name"), settings, case_only=(kind, code) in CASE_ONLY)


def _setting(table: Table, key: str, shape: str) -> object:
    if shape == "whole":
        return table.whole(key)
    if shape == "day":
        return table.day(key)
    if shape == "wholes_by_name":
        amounts = table.table(key)
        return {name: amounts.whole(name) for name in amounts.content}
    if key == "moments":
        return table.words(key, MOMENTS)
    if key == "recipients":
        return table.words(key, ORGANISATION_KINDS)
    return table.texts(key) if shape == "texts" else table.text(key)
