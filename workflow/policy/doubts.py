"""What each doubtful point of the policy means for one application: one function a kind of point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.errors import Reason
from workflow.policy.facts import EarlierClaim, Facts, date_field, drafter_rank, earlier_grades
from workflow.policy.terms import AwardLine, Policy, RulingOption, RulingPoint


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What the rules ask of the organisation; from `moved_out_on` on it is no longer of the district."""

    kind: str
    registered_on: date
    moved_out_on: date | None = None

    def is_here_on(self, day: date) -> bool:
        return self.registered_on <= day and (self.moved_out_on is None or day < self.moved_out_on)


@dataclass(frozen=True, slots=True)
class Rival:
    """A living claim of another organisation of the district on the same achievement."""

    organisation: str
    line: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """One application under examination: everything the rules may ask."""

    line: AwardLine
    facts: Facts
    policy: Policy
    organisation: OrganisationFacts
    today: date
    moment: str
    awarded_on: date | None
    rivals: Sequence[Rival]
    earlier: Sequence[EarlierClaim]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A point that concerns the line, with the option in force."""

    point: RulingPoint
    option: RulingOption

    def reason(self, code: str, field: str | None = None, **params: object) -> Reason:
        return Reason(f"policy.refused.{code}", {"point": self.point.code, **params}, field)

    def allows(self, setting: str, value: object) -> bool:
        """Whether a value is in the option's list; an unknown fact is left to the form."""
        allowed = self.option.settings[setting]
        return value is None or (isinstance(allowed, Collection) and value in allowed)


Check = Callable[[Examined, Doubt], list[Reason]]


def committee_bodies(case: Examined, doubt: Doubt) -> list[Reason]:
    if doubt.allows("bodies", case.facts.get("body_type")):
        return []
    return [doubt.reason("body_type", "body_type")]


def rank_source(case: Examined, doubt: Doubt) -> list[Reason]:
    if case.policy.chosen("prize_rank", case.line) == "all_listed":
        return []
    if doubt.option.code in ("as_lead", "as_participant"):
        leads = case.line.role == "lead"
        return [] if leads == (doubt.option.code == "as_lead") else [doubt.reason("ruled_otherwise", "rank")]
    if doubt.option.code == "certificate_rank":
        return _certificate_rank(case, doubt)
    if case.facts.get("foreword_order") == "unordered":
        return [doubt.reason("unordered", "foreword_order")]
    return _rank_fits(case)


def _certificate_rank(case: Examined, doubt: Doubt) -> list[Reason]:
    if drafter_rank(case.line, case.facts, case.policy) is None:
        return [doubt.reason("no_certificate_rank", "certificate_rank")]
    return _rank_fits(case)


def _rank_fits(case: Examined) -> list[Reason]:
    rank = drafter_rank(case.line, case.facts, case.policy)
    if rank is None:
        return []
    if case.line.rank_from is not None and rank < case.line.rank_from:
        return [Reason("policy.refused.rank_too_high", {"rank": rank, "first": case.line.rank_from}, "rank")]
    # Where participants have no line of their own, unlisted_participant says what becomes of them.
    if case.policy.point_on("unlisted_participant", case.line):
        return []
    if case.line.rank_to is not None and rank > case.line.rank_to:
        return [Reason("policy.refused.rank_too_low", {"rank": rank, "last": case.line.rank_to}, "rank")]
    return []


def unlisted_participant(case: Examined, doubt: Doubt) -> list[Reason]:
    rank = drafter_rank(case.line, case.facts, case.policy)
    if doubt.option.code == "paid" or rank is None or case.line.rank_to is None or rank <= case.line.rank_to:
        return []
    return [doubt.reason("unlisted_participant", "rank", rank=rank, last=case.line.rank_to)]


def local_levels(case: Examined, doubt: Doubt) -> list[Reason]:
    if doubt.allows("levels", case.facts.get("local_level")):
        return []
    return [doubt.reason("local_level", "local_level")]


def amendment_sheets(case: Examined, doubt: Doubt) -> list[Reason]:
    if doubt.option.code == "counted" or case.facts.get("revision_kind") != "amendment":
        return []
    return [doubt.reason("amendment", "revision_kind")]


def several_drafters(case: Examined, doubt: Doubt) -> list[Reason]:
    rank = drafter_rank(case.line, case.facts, case.policy)
    if doubt.option.code == "each_unit" or rank is None:
        return []
    ahead = [each.organisation for each in case.rivals if each.rank is not None and each.rank < rank]
    return [doubt.reason("drafter_ahead", organisations=ahead)] if ahead else []


def joint_projects(case: Examined, doubt: Doubt) -> list[Reason]:
    if doubt.option.code == "each_unit":
        return []
    reasons = []
    if case.facts.get("project_role") == "joint":
        reasons.append(doubt.reason("joint_participant", "project_role"))
    if case.rivals:
        others = [each.organisation for each in case.rivals]
        reasons.append(doubt.reason("project_taken", organisations=others))
    return reasons


def prize_rank(case: Examined, doubt: Doubt) -> list[Reason]:
    reasons = []
    if case.facts.get("prize_category", "project") != "project":
        reasons.append(doubt.reason("prize_category", "prize_category"))
    last = doubt.option.settings.get("rank_to")
    rank = drafter_rank(case.line, case.facts, case.policy)
    if isinstance(last, int) and rank is not None and rank > last:
        reasons.append(doubt.reason("prize_rank", "rank", rank=rank, last=last))
    return reasons


def unlisted_grade(case: Examined, doubt: Doubt) -> list[Reason]:
    settings = doubt.option.settings
    if doubt.option.code == "paid" or case.facts.get("certificate_grade") != settings["grade"]:
        return []
    if doubt.option.code == "not_paid":
        return [doubt.reason("grade_not_listed", "certificate_grade", grade=settings["grade"])]
    params = {"grade": settings["grade"], "proposal": settings["proposal_yuan"]}
    return [doubt.reason("grade_needs_ruling", "certificate_grade", **params)]


def higher_grade_later(case: Examined, doubt: Doubt) -> list[Reason]:
    earlier = earlier_grades(case.line, case.facts, case.policy, case.earlier)
    if doubt.option.code != "first_only" or not earlier:
        return []
    return [doubt.reason("first_grade_only", earlier=[each.number for each in earlier])]


def closed_scheme(case: Examined, doubt: Doubt) -> list[Reason]:
    last = doubt.option.settings.get("last_day")
    if not isinstance(last, date) or case.awarded_on is None or case.awarded_on <= last:
        return []
    said = {**date_named(case.line, case.policy), "day": case.awarded_on.isoformat()}
    return [doubt.reason("scheme_closed", date_field(case.line, case.policy), **said, last=last.isoformat())]


def award_recipients(case: Examined, doubt: Doubt) -> list[Reason]:
    allowed = doubt.option.settings.get("recipients", case.line.recipients)
    if isinstance(allowed, Collection) and case.organisation.kind in allowed:
        return []
    return [doubt.reason("laureate_kind", kind_label=f"organisation_kind.{case.organisation.kind}")]


def accreditation(case: Examined, doubt: Doubt) -> list[Reason]:
    reasons = []
    if case.facts.get("first_accreditation") == "no":
        reasons.append(doubt.reason("not_first_accreditation", "first_accreditation"))
    for setting, fact in (("standards", "accreditation_standard"), ("laboratory_types", "laboratory_type")):
        if not doubt.allows(setting, case.facts.get(fact)):
            reasons.append(doubt.reason(fact, fact))
    return reasons


def measurement_certificate(case: Examined, doubt: Doubt) -> list[Reason]:
    reasons = []
    if case.facts.get("first_certificate") == "no":
        reasons.append(doubt.reason("not_first_certificate", "first_certificate"))
    if not doubt.allows("grades", grade := case.facts.get("certificate_grade")):
        reasons.append(doubt.reason("measurement_grade", "certificate_grade", grade=grade))
    return reasons


def awards_from(case: Examined, doubt: Doubt) -> list[Reason]:
    first = doubt.option.settings.get("awards_from", case.policy.awards_from)
    day = case.awarded_on
    # An award older than the policy itself has its own refusal.
    if not isinstance(first, date) or day is None or not case.policy.valid_from <= day < first:
        return []
    said = {**date_named(case.line, case.policy), "day": day.isoformat(), "first": first.isoformat()}
    return [doubt.reason("before_awards_from", date_field(case.line, case.policy), **said)]


def registered_here(case: Examined, doubt: Doubt) -> list[Reason]:
    days = {"award": case.awarded_on, case.moment: case.today}
    return [
        doubt.reason(f"not_here_at_{moment}", day=day.isoformat())
        for moment, day in days.items()
        if day is not None and doubt.allows("moments", moment) and not case.organisation.is_here_on(day)
    ]


def date_named(line: AwardLine, policy: Policy) -> dict[str, object]:
    """What the form calls the day that fixes the award year: a sentence about it calls it nothing else."""
    field = line.field(date_field(line, policy))
    assert field is not None, "every line has the field of its date"
    return {"field_zh": field.label.zh, "field_en": field.label.en}


# Kinds that are not here refuse nobody: they set the award date, the amount, the pool or the wording.
CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        committee_bodies,
        rank_source,
        unlisted_participant,
        local_levels,
        amendment_sheets,
        several_drafters,
        joint_projects,
        prize_rank,
        unlisted_grade,
        higher_grade_later,
        closed_scheme,
        award_recipients,
        accreditation,
        measurement_certificate,
        awards_from,
        registered_here,
    )
}
