"""Zones: the time zones of the world, in groups that a person can find their own in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from zoneinfo import available_timezones

REGIONS = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian"}
REGIONS |= {"Pacific"}


def zone_choices() -> Iterator[tuple[str, str | list[tuple[str, str]]]]:
    """Choices for a field: UTC, then the cities of each region."""
    yield "UTC", "UTC"
    yield from ((region, list(cities)) for region, cities in _regions())


@lru_cache(maxsize=1)
def _regions() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    names = sorted(name for name in available_timezones() if name.split("/")[0] in REGIONS)
    return tuple(
        (region, tuple((name, name.partition("/")[2].replace("_", " ")) for name in found))
        for region, found in groupby(names, key=lambda name: name.split("/")[0])
    )
