"""Limiting: how much one channel may bring in a minute, so that one system that runs wild holds up nobody.

Each process counts for itself; what has not come for a while may come at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

#: Channels remembered; beyond this those that are full again are forgotten.
MOST = 10_000


class Pace:
    """A bucket for each channel: it holds a minute's worth and fills evenly."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[int, tuple[float, float]] = {}

    def seconds_to_wait(self, channel: int, *, per_minute: int) -> int:
        """Take one out; 0 where it may come in, else the seconds after which it may."""
        if per_minute <= 0:
            return 0
        now, rate = self._clock(), per_minute / 60
        left, since = self._buckets.get(channel, (float(per_minute), now))
        left = min(float(per_minute), left + (now - since) * rate)
        if left < 1:
            return max(1, ceil((1 - left) / rate))
        if len(self._buckets) >= MOST:
            self._forget(now)
        self._buckets[channel] = (left - 1, now)
        return 0

    def _forget(self, now: float) -> None:
        self._buckets = {key: kept for key, kept in self._buckets.items() if now - kept[1] < 60}
