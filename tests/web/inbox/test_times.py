from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from rapport.web.inbox.times import moment_in, presets

SUNDAY = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def test_presets_are_mornings_of_the_reader_in_their_order() -> None:
    with timezone.override(ZoneInfo("Europe/Warsaw")):
        shown = [preset.until for preset in presets(now=THURSDAY)]
    assert shown == [
        "2026-03-12T16:00+01:00",
        "2026-03-13T09:00+01:00",
        "2026-03-16T09:00+01:00",
        "2026-04-09T09:00+02:00",
    ]


def test_on_a_sunday_tomorrow_is_said_once() -> None:
    assert [p.title for p in presets(now=SUNDAY)] == [
        "In three hours", "Tomorrow morning", "In four weeks",
    ]  # fmt: skip


def test_a_typed_time_is_meant_in_the_readers_zone() -> None:
    with timezone.override(ZoneInfo("Asia/Taipei")):
        assert moment_in("2026-03-12T09:00") == datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T09:00", "9999"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment_in(text) is None
