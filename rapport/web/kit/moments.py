"""Moments: times as a person says them, in the reader's zone and language."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone, translation
from django.utils.dates import MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext, pgettext

from rapport.kernel import clock

MINUTE, HOUR, DAY = 60, 3600, 86400


def say_moment(moment: datetime, *, now: datetime | None = None) -> str:
    """14:02 today, Thu 09:14 within the week, 3 Nov 09:14 within the year, 3 Nov 2024 before."""
    here, today = _here(moment), _here(now or clock.now())
    hour = f"{here.hour:02}:{here.minute:02}"
    days = (today.date() - here.date()).days
    if days == 0:
        return hour
    if -6 <= days < 7:
        return f"{_weekday(translation.get_language(), here.weekday())} {hour}"
    if here.year == today.year:
        return f"{say_day(here)} {hour}"
    return _say_day_and_year(here)


def say_moment_briefly(moment: datetime, *, now: datetime | None = None) -> str:
    """As narrow as a list needs it: 14:02, Thu, 3 Nov, 3 Nov 2024."""
    here, today = _here(moment), _here(now or clock.now())
    days = (today.date() - here.date()).days
    if days == 0:
        return f"{here.hour:02}:{here.minute:02}"
    if -6 <= days < 7:
        return _weekday(translation.get_language(), here.weekday())
    return say_day(here) if here.year == today.year else _say_day_and_year(here)


def say_date(moment: datetime, *, now: datetime | None = None) -> str:
    """The heading of a day: Today, Yesterday, Thursday, 3 Nov, 3 Nov 2024."""
    here, today = _here(moment), _here(now or clock.now())
    days = (today.date() - here.date()).days
    if days in (0, 1):
        return gettext("Today") if days == 0 else gettext("Yesterday")
    if 1 < days < 7:
        return str(WEEKDAYS[here.weekday()])
    return say_day(here) if here.year == today.year else _say_day_and_year(here)


def say_exactly(moment: datetime) -> str:
    """For titles: 3 Nov 2024, 09:14:07 CET."""
    here = _here(moment)
    hour = f"{here.hour:02}:{here.minute:02}:{here.second:02}"
    return f"{_say_day_and_year(here)}, {hour} {here.tzname() or ''}".rstrip()


def say_span(span: timedelta | float) -> str:
    """How long: 40 s, 12 min, 3 h, 2 d. Never two units: nobody reads the second."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if seconds < MINUTE:
        return gettext("{n} s").format(n=max(0, int(seconds)))
    if seconds < HOUR:
        return gettext("{n} min").format(n=int(seconds // MINUTE))
    if seconds < 2 * DAY:
        return gettext("{n} h").format(n=int(seconds // HOUR))
    return gettext("{n} d").format(n=int(seconds // DAY))


def say_day(here: datetime) -> str:
    """Day and month of a moment that is in the reader's zone already."""
    language = translation.get_language()
    form, month = _forms(language)[0], _month(language, here.month)
    return form.format(day=here.day, month=month, Month=month.title(), number=here.month)


def _say_day_and_year(here: datetime) -> str:
    language = translation.get_language()
    form, month = _forms(language)[1], _month(language, here.month)
    return form.format(
        day=here.day, month=month, Month=month.title(), number=here.month, year=here.year
    )


def _here(moment: datetime) -> datetime:
    return moment.astimezone(timezone.get_current_timezone())


@lru_cache(maxsize=64)
def _forms(_language: str | None) -> tuple[str, str]:
    return (
        pgettext("date; also {month} in lower case, {number} of the month", "{day} {Month}"),
        pgettext("date; also {month} in lower case, {number} of the month", "{day} {Month} {year}"),
    )


@lru_cache(maxsize=256)
def _month(_language: str | None, number: int) -> str:
    return str(MONTHS_3[number])


@lru_cache(maxsize=256)
def _weekday(_language: str | None, number: int) -> str:
    return str(WEEKDAYS_ABBR[number])
