"""The terms of a policy as frozen values. How files are read and how rules apply stands elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from workflow.errors import NotFound, Reason

READINGS = ("per_item", "pooled", "per_subclause", "per_achievement")
FIELD_KINDS = ("text", "day", "integer", "choice")
ACHIEVEMENT_KINDS = (
    "award_edition",
    "laboratory",
    "committee",
    "standard",
    "project",
    "certificate",
    "product",
)
ORGANISATION_KINDS = (
    "enterprise",
    "institution",
    "association",
    "laboratory",
    "government_body",
    "cooperative",
)
ONCE_PER = ("achievement", "organisation")


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages."""

    zh: str
    en: str

    def text(self, locale: str = "zh") -> str:
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True, slots=True)
class EvidenceRequirement:
    """One document the organisation hands in; an optional one never stops a submission."""

    code: str
    name: Wording
    required: bool


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    name: Wording


@dataclass(frozen=True, slots=True)
class FormField:
    """One fact the application form asks for: `choices` go with the kind `choice`, `least` with `integer`."""

    code: str
    kind: str
    required: bool
    label: Wording
    help: Wording
    choices: tuple[Choice, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One payable line of a policy. `quote` is the clause word for word, misprints included.

    `rank_from` and `rank_to` are the drafter ranks the line pays (None: no rank asked, or no last rank).
    `date_field` names the fact that fixes the award date, `key_fields` the facts that name the achievement.
    `pools_as` names what the reading `per_achievement` takes as the achievement, where the register is
    finer: the quality awards of one year are one achievement there, whatever award and edition.
    """

    code: str
    item: int
    sub_clause: str
    clause: str
    quote: str
    name: Wording
    level: str
    role: str
    amount_yuan: int
    recipients: tuple[str, ...]
    highest_only: bool
    level_rank: int
    once_per: str
    achievement_kind: str
    date_field: str
    key_fields: tuple[str, ...]
    evidence: tuple[EvidenceRequirement, ...]
    fields: tuple[FormField, ...]
    rank_from: int | None = None
    rank_to: int | None = None
    pools_as: str = ""

    def field(self, code: str) -> FormField | None:
        return next((each for each in self.fields if each.code == code), None)


@dataclass(frozen=True, slots=True)
class RulingOption:
    """One way to read a doubtful point. A `case_only` option is for one achievement, never general."""

    code: str
    name: Wording
    settings: Mapping[str, object] = field(default_factory=dict)
    case_only: bool = False


@dataclass(frozen=True, slots=True)
class RulingPoint:
    """A doubtful point of the policy; `kind` names the rule of the engine that the options steer."""

    code: str
    kind: str
    question: Wording
    lines: tuple[str, ...]
    options: tuple[RulingOption, ...]
    chosen: str
    source: Wording

    def option(self, code: str) -> RulingOption | None:
        return next((each for each in self.options if each.code == code), None)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A dated decision of the bureau on a point: general, or for one achievement when `scope` is its key."""

    point: str
    option: str
    decided_on: date
    decided_by: str
    minutes: str = ""
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class HighestOnly:
    """就高不重复: within a pool only the highest award pays. Applies to whole items of the policy."""

    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CapPerOrganisationYear:
    """No organisation gets more than the cap out of these items for the awards of one year."""

    items: tuple[int, ...]
    cap_yuan: int


@dataclass(frozen=True, slots=True)
class Document:
    """The paper the policy stands in."""

    title: Wording
    number: str
    issuer: Wording
    interpreter: Wording
    text_file: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A dated version of award lines and of how their rules are read."""

    code: str
    document: Document
    owner_unit: str
    valid_from: date
    valid_to: date | None
    awards_from: date
    gap_before: bool
    reading: str
    lines: tuple[AwardLine, ...]
    highest_only: HighestOnly
    cap: CapPerOrganisationYear | None
    points: tuple[RulingPoint, ...]
    corrections: tuple[tuple[str, str], ...]
    digest: str
    _line_by_code: Mapping[str, AwardLine] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_line_by_code", {line.code: line for line in self.lines})

    def has_line(self, code: str) -> bool:
        return code in self._line_by_code

    def line(self, code: str) -> AwardLine:
        """The award line of this code; NotFound when the policy has none."""
        if code not in self._line_by_code:
            raise NotFound(Reason("policy.unknown_line", {"line": code, "policy": self.document.title.zh}))
        return self._line_by_code[code]

    def point(self, code: str) -> RulingPoint | None:
        return next((each for each in self.points if each.code == code), None)

    def point_on(self, kind: str, line: AwardLine) -> RulingPoint | None:
        """The ruling point of this kind that concerns the line, if the policy has one."""
        return next((each for each in self.points if each.kind == kind and line.code in each.lines), None)

    def option_on(self, kind: str, line: AwardLine) -> RulingOption | None:
        """The option in force, with its settings, for this kind of doubt on this line."""
        point = self.point_on(kind, line)
        return point.option(point.chosen) if point else None

    def chosen(self, kind: str, line: AwardLine) -> str | None:
        """The option in force for this kind of doubt on this line; None where there is no such doubt."""
        point = self.point_on(kind, line)
        return point.chosen if point else None
