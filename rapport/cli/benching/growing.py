"""Growing: the same pages over a small and a large history, in one run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from rapport.cli.benching import filling
from rapport.cli.benching.harness import Figure, bench_ground, say, tell
from rapport.cli.benching.visiting import Times, Urls, share_of, sign_in, visit, worst

SMALL, LARGE = 10_000, 1_000_000
SECONDS, WARM_UP = 8, 3
#: Two leads, who see all, and two agents, who see what their teams have.
READERS = (1, 2, 3, 4)


def measure_growth(
    name: str,
    pages: Mapping[str, Urls],
    *,
    as_json: bool,
    beside: Callable[[str], None] = lambda _words: None,
    budgets: Mapping[str, float] | None = None,
) -> int:
    """Visit the pages at 10,000 and at 1,000,000 messages and tell the worst p95 beside each other.

    `beside` is called at each size with words for it, to measure something that is only said. Pages with a
    budget of milliseconds are told before, by themselves.
    """
    with bench_ground(
        profile="throwaway"
    ) as ground:  # pages are read; what is written is the history
        filling.prepare()
        filling.fill(SMALL)
        cookies = [sign_in(agent) for agent in READERS]
        with ground.desk() as address:
            small = _visits(address, pages, cookies, f"at {SMALL:,} messages")
        beside(f"at {SMALL:,} messages")
        say("filling …")
        filling.fill(LARGE, have=SMALL, say=lambda part: say(f"  {part}"))
        os.sync()  # else the system writes a gigabyte of history while pages are timed
        with ground.desk() as address:
            large = _visits(address, pages, cookies, f"at {LARGE:,} messages")
        beside(f"at {LARGE:,} messages")
    _, before = worst(small)
    page, after = worst(large)
    times = large[page]
    for each, budget in (budgets or {}).items():
        _tell_page(f"{name} {each}", large[each], budget=budget)
    figure = Figure(
        name=name,
        value=after,
        unit="ms",
        limit=before,
        ratio=round(after / before, 2),
        p50_ms=share_of(times, 0.5),
        p95_ms=after,
        p99_ms=share_of(times, 0.99),
        n=sum(len(found) for found in large.values()),
    )
    tell(figure, as_json=as_json)
    return 0


def _tell_page(name: str, times: list[float], *, budget: float) -> None:
    """One page's p95 at the large size, beside what it may take."""
    p95 = share_of(times, 0.95)
    figure = Figure(
        name=name,
        value=p95,
        unit="ms",
        limit=budget,
        ratio=round(p95 / budget, 2),
        p50_ms=share_of(times, 0.5),
        p95_ms=p95,
        p99_ms=share_of(times, 0.99),
        n=len(times),
    )
    tell(figure, as_json=False)


def _visits(address: str, pages: Mapping[str, Urls], cookies: list[str], words: str) -> Times:
    visit(address, pages, cookies=cookies, seconds=WARM_UP)
    visited = visit(address, pages, cookies=cookies, seconds=SECONDS)
    for name, times in sorted(visited.served.items()):
        _say_times(f"{words}, {name}", times)
    _say_times(f"{words}, as the readers waited", visited.waited)
    return visited.served


def _say_times(words: str, times: list[float]) -> None:
    p50, p95 = share_of(times, 0.5), share_of(times, 0.95)
    say(f"{words}: p50 {p50:g} ms, p95 {p95:g} ms, n {len(times)}")
