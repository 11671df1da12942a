"""Times that people mean often, and times that they typed, in the reader's zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from rapport.kernel import clock
from rapport.web.kit.moments import say_moment

MORNING = time(9)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Preset:
    """A time that people mean often, in the reader's zone."""

    title: str
    when: str
    until: str


def presets(*, now: datetime | None = None) -> Sequence[Preset]:
    """Later today, tomorrow, next week, in a month; mornings at nine."""
    now = now or clock.now()
    here = now.astimezone(timezone.get_current_timezone())
    to_monday = (MONDAY - here.weekday() - 1) % 7 + 1
    times = {
        here + timedelta(hours=3): gettext("In three hours"),
        _morning(here, days=28): gettext("In four weeks"),
        _morning(here, days=to_monday): gettext("Monday morning"),
        _morning(here, days=1): gettext("Tomorrow morning"),  # on Sundays it is Monday's too
    }
    return [_preset(times[until], until, now=now) for until in sorted(times)]


def _morning(here: datetime, *, days: int) -> datetime:
    day = (here + timedelta(days=days)).date()
    return datetime.combine(day, MORNING, tzinfo=here.tzinfo)


def _preset(title: str, until: datetime, *, now: datetime) -> Preset:
    return Preset(title, say_moment(until, now=now), until.isoformat(timespec="minutes"))


def moment_in(text: str) -> datetime | None:
    """A time out of a form; without an offset it is meant in the reader's zone."""
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        return None
    if moment is not None and timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return moment
