"""Measuring: what the edge counts for Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

INTAKE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_ENDED: dict[tuple[str, str], int] = {}
_TAKEN: dict[str, list[int]] = {}
_SECONDS: dict[str, float] = {}

FLUSH_ROWS = Histogram(
    "rapport_intake_flush_rows",
    "Arrivals that shared a commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
)
FLUSH_SECONDS = Histogram(
    "rapport_intake_flush_seconds",
    "Time of one flush.",
    buckets=(0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25, 1, 15),
)
FLUSHES_FAILED = Counter("rapport_intake_flushes_failed", "Flushes that the database refused.")
BYTES_HELD = Gauge("rapport_intake_bytes_held", "Bytes of requests now in memory.")
BYTES_PUT_DOWN = Gauge(
    "rapport_pages_bytes_put_down", "Bytes of requests for pages that wait in files now."
)
STREAMS = Gauge("rapport_live_streams", "Pages that listen now.")
NEWS = Counter("rapport_live_events", "Events written to pages, by name.", ["event"])
JOURNAL_LAG = Histogram(
    "rapport_live_lag_seconds",
    "From the recording of an entry until the edge has read it.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def expose_metrics() -> tuple[bytes, str]:
    """All metrics of this process as text, and the content type of that text."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST


def count_arrival(door: str, outcome: str, seconds: float) -> None:
    """One request at a door: how it ended (stored, known, refused, away, gone, failed) and how long it took.

    Counted in plain numbers and told when somebody asks: Prometheus' own counters take a lock each time.
    """
    _ENDED[door, outcome] = _ENDED.get((door, outcome), 0) + 1
    taken = _TAKEN.get(door)
    if taken is None:
        taken = _TAKEN[door] = [0] * (len(INTAKE_BUCKETS) + 1)
    taken[bisect_left(INTAKE_BUCKETS, seconds)] += 1
    _SECONDS[door] = _SECONDS.get(door, 0.0) + seconds


class _Arrivals(Collector):
    def collect(self) -> Iterator[Metric]:
        ended = CounterMetricFamily(
            "rapport_intake_requests",
            "Requests at the doors, by door and outcome.",
            labels=["door", "outcome"],
        )
        for (door, outcome), count in _ENDED.copy().items():
            ended.add_metric([door, outcome], count)
        yield ended
        took = HistogramMetricFamily(
            "rapport_intake_seconds",
            "From the head of a request to its answer, by door.",
            labels=["door"],
        )
        for door, counts in _TAKEN.copy().items():
            bounds = [*map(str, INTAKE_BUCKETS), "+Inf"]
            took.add_metric(
                [door], list(zip(bounds, accumulate(counts), strict=True)), _SECONDS[door]
            )
        yield took


REGISTRY.register(_Arrivals())
