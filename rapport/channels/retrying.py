"""Retrying: when to try again, soon at first, then ever more rarely, for two days."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

#: Seconds from one attempt to the next.
DELAYS = (5, 30, 120, 600, 1800, 7200)
GIVE_UP_AFTER = timedelta(days=2)
LONGEST = 6 * 3600.0


def next_attempt(
    trying_since: datetime, *, now: datetime, retry_after: float | None = None
) -> datetime | None:
    """When to try again after a failure at `now`; None when it is time to give up.

    `retry_after` (seconds) is the other side's wish. Up to a fifth is added by chance, so that a
    thousand mails put off together do not come back together.
    """
    elapsed = now - trying_since
    if elapsed >= GIVE_UP_AFTER:
        return None
    delay = next((d for d in DELAYS if elapsed.total_seconds() < d), DELAYS[-1])
    wished = max(float(delay), min(retry_after or 0.0, LONGEST))
    return now + timedelta(seconds=wished * random.uniform(1.0, 1.2))  # noqa: S311 - not a secret
