"""Days and moments in the district's zone: on which day a moment falls, when a day begins, how it is spoken.

Which days are working days lives in `calendar`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from workflow.catalogue import sentence

SHANGHAI = ZoneInfo("Asia/Shanghai")


# An act asks seven times on which day its moment falls.
@lru_cache(256)
def shanghai_day(moment: datetime) -> date:
    """The day of decision on which an aware moment falls."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone: a naive moment falls on no certain day")
    return moment.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """The first moment of a Shanghai day, in UTC."""
    return moment_on(day, time(0))


def moment_on(day: date, at: time) -> datetime:
    """The moment, in UTC, when the clocks of Shanghai show `at` on `day`."""
    return datetime.combine(day, at, tzinfo=SHANGHAI).astimezone(UTC)


def spoken_day(day: date, locale: str = "zh", today: date | None = None) -> str:
    """A day as people say it: 11月18日（三）, Wed 18 Nov; with its year when `today` is in another."""
    if today is not None and day.year != today.year:
        return full_day(day, locale)
    return sentence("clock.day", locale, **_parts(day))


def full_day(day: date, locale: str = "zh") -> str:
    """A day with its year: 2026年11月18日（三）, Wed 18 Nov 2026."""
    return sentence("clock.day_with_year", locale, **_parts(day))


def spoken_moment(moment: datetime, locale: str = "zh", today: date | None = None) -> str:
    """An aware moment by the clocks of Shanghai: 11月12日（四）09:05, Thu 12 Nov, 09:05."""
    day = spoken_day(shanghai_day(moment), locale, today)
    return sentence("clock.moment", locale, day=day, time=f"{moment.astimezone(SHANGHAI):%H:%M}")


def _parts(day: date) -> dict[str, object]:
    return {
        "year": day.year,
        "month_label": f"clock.month.{day.month}",
        "day": day.day,
        "weekday_label": f"clock.weekday.{day.isoweekday()}",
    }
