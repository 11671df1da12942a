from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from rapport.web.kit.moments import (
    say_date,
    say_exactly,
    say_moment,
    say_moment_briefly,
    say_span,
)

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "said", "briefly"),
    [
        (datetime(2026, 3, 12, 14, 2, tzinfo=UTC), "14:02", "14:02"),
        (datetime(2026, 3, 9, 9, 14, tzinfo=UTC), "Mon 09:14", "Mon"),
        (datetime(2026, 3, 14, 9, 0, tzinfo=UTC), "Sat 09:00", "Sat"),
        (datetime(2026, 1, 3, 9, 14, tzinfo=UTC), "3 Jan 09:14", "3 Jan"),
        (datetime(2024, 11, 3, 9, 14, tzinfo=UTC), "3 Nov 2024", "3 Nov 2024"),
    ],
)
def test_a_time_is_said_as_near_as_it_is(moment: datetime, said: str, briefly: str) -> None:
    with translation.override("en"), timezone.override(UTC):
        assert say_moment(moment, now=NOW) == said
        assert say_moment_briefly(moment, now=NOW) == briefly


def test_the_readers_zone_decides_what_today_is() -> None:
    moment = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    with translation.override("en"), timezone.override(ZoneInfo("Europe/Warsaw")):
        assert say_moment(moment, now=NOW) == "00:30"
        assert say_date(moment, now=NOW) == "Today"
    with translation.override("en"), timezone.override(UTC):
        assert say_date(moment, now=NOW) == "Yesterday"


def test_the_exact_time_names_its_zone() -> None:
    with translation.override("en"), timezone.override(ZoneInfo("Asia/Taipei")):
        assert say_exactly(NOW).endswith("23:00:00 CST")


def test_a_span_has_one_unit() -> None:
    with translation.override("en"):
        spans = [5, 61, 3600 * 3 + 59, 3600 * 47, 3600 * 49]
        assert [say_span(s) for s in spans] == ["5 s", "1 min", "3 h", "47 h", "2 d"]
        assert say_span(timedelta(minutes=12)) == "12 min"
        assert say_span(-4) == "0 s"
