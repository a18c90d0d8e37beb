"""What a story of the demo is, and how it is placed in time so that it stands now as was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from random import Random

from workflow.demo.course import Course
from workflow.process.definition import Process

# Eleven months in working days: how far back the demo reaches.
REACH = 225


@dataclass(frozen=True, slots=True)
class Story:
    """One application, whose last beat was `since` working days ago.

    `township` limits where its organisation is; stories of one `pool` share organisation and award year;
    `line` is left open where any will do.
    """

    course: Course
    since: int
    township: str | None = None
    line: str | None = None
    pool: int | None = None


class Telling:
    """Begins courses and ends them as stories."""

    def __init__(self, chance: Random, process: Process) -> None:
        self.chance = chance
        self._process = process
        self._pools = count(1)

    def course(self) -> Course:
        return Course(self.chance, self._process)

    def new_pool(self) -> int:
        return next(self._pools)

    def open(self, course: Course, state: str, left: int, township: str | None = None) -> Story:
        """A story whose application stands in `state` with `left` working days to go; below 0 it is late."""
        return Story(course, max(1, course.since(state, left)), township)

    def ended(self, course: Course, township: str | None = None, line: str | None = None) -> Story:
        """A story that ended at some time within the reach of the demo."""
        return Story(course, self.chance.randint(1, max(2, REACH - course.total)), township, line)
