"""What each sample application claims, chosen so that none stands in another's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.demo.organisations import INVENTED
from workflow.demo.sample_facts import sample_facts
from workflow.demo.telling import Story
from workflow.policy.terms import AwardLine, Policy
from workflow.storage.people import Organisation

# How often each line is claimed, by the code's first part; the rest of the lines are rare.
_WEIGHTS = {"S2": 10, "S3": 6, "S4": 4, "S5": 5, "S6": 12, "M4": 10, "Q1": 5, "S7": 6, "L2": 8, "S1": 3}
# Nobody in the demo is given the million of a national or an international award.
_LEFT_OUT = frozenset({"Q1-1", "Q1-2", "S1-1", "S2-1", "S7-2"})
_EDITIONS = {2021: 5, 2023: 6, 2025: 7}
# An award is claimed at the earliest this long after it was given.
_AFTER = timedelta(20)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims which line, and what is typed into the form."""

    organisation_id: int
    line: str
    facts: Mapping[str, str]


class Allotment:
    """Gives every story its claim. Outside a common pool no two claims share one, so each is paid in full."""

    def __init__(self, session: Session, chance: Random, policy: Policy, ids: Mapping[str, int]) -> None:
        self._chance = chance
        self._policy = policy
        self._townships = {ids[sample.account]: sample.township for sample in INVENTED}
        kinds = session.execute(select(Organisation.id, Organisation.kind).order_by(Organisation.id))
        self._kinds = {key: kind for key, kind in kinds if key in self._townships}
        self._taken: set[object] = set()
        self._of_pool: dict[int, tuple[int, int]] = {}
        self._load: Counter[int] = Counter()
        self._number = 0

    def claim_for(self, story: Story, begins_on: date) -> Claim:
        """A claim on an award given before the story begins."""
        organisation_id, line, year = self._found(story, begins_on)
        self._load[organisation_id] += 1
        self._number += 1
        facts = sample_facts(line, self._number, self._award_day(line, year, begins_on))
        if "edition" in facts:
            facts["edition"] = str(_EDITIONS[year])
        return Claim(organisation_id, line.code, facts)

    def _found(self, story: Story, begins_on: date) -> tuple[int, AwardLine, int]:
        # Stories of one pool begin at different times: a year that was over before any of them fits them all.
        last_year = begins_on.year - 1 if story.pool else (begins_on - _AFTER - timedelta(31)).year
        years = range(self._policy.valid_from.year + 1, last_year + 1)
        if story.pool in self._of_pool and story.line:
            organisation_id, year = self._of_pool[story.pool]
            return organisation_id, self._policy.line(story.line), year
        organisations = self._organisations(story.township)
        for organisation_id in organisations:
            for year in self._chance.sample(years, len(years)):
                line = self._free_line(story, organisation_id, year)
                if line is not None:
                    if story.pool is not None:
                        self._of_pool[story.pool] = (organisation_id, year)
                    return organisation_id, line, year
        raise LookupError("every claim of the demo's organisations is taken")

    def _organisations(self, township: str | None) -> Sequence[int]:
        """Those with the fewest applications first, by chance among equals."""
        within = [key for key, code in self._townships.items() if township in (None, code)]
        self._chance.shuffle(within)
        return sorted(within, key=lambda key: self._load[key])

    def _free_line(self, story: Story, organisation_id: int, year: int) -> AwardLine | None:
        lines = [line for line in self._policy.lines if self._may_claim(line, story, organisation_id, year)]
        if not lines:
            return None
        line = self._chance.choices(lines, [_WEIGHTS[line.code[:2]] for line in lines])[0]
        self._taken |= {self._pool_of(line, organisation_id, year), (organisation_id, line.code)}
        return line

    def _may_claim(self, line: AwardLine, story: Story, organisation_id: int, year: int) -> bool:
        return (
            line.code not in _LEFT_OUT
            and story.line in (None, line.code)
            and self._kinds[organisation_id] in line.recipients
            and (line.achievement_kind != "award_edition" or year in _EDITIONS)
            and (line.code != "L2-1" or self._kinds[organisation_id] == "laboratory")
            and self._pool_of(line, organisation_id, year) not in self._taken
            and not (line.once_per == "organisation" and (organisation_id, line.code) in self._taken)
        )

    def _pool_of(self, line: AwardLine, organisation_id: int, year: int) -> object:
        return (organisation_id, line.item, year) if line.highest_only else (organisation_id, line.code)

    def _award_day(self, line: AwardLine, year: int, begins_on: date) -> date:
        last = min(date(year, 12, 20), begins_on - _AFTER)
        return last - timedelta(self._chance.randint(0, max(0, (last - date(year, 1, 10)).days)))
