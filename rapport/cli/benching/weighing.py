"""Weighing: how much of the machine's processors was used, and by which programs."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
#: What a process is for, by a word of its command; the first that fits.
KINDS = (
    ("rapport.cli.benching", "load"),
    ("rapport bench", "load"),
    ("chrom", "browser"),
    ("postgres", "database"),
    ("rapport", "desk"),
)


class Weighing:
    """Processor time within the block, by kinds of processes; says nothing where /proc is not there."""

    def __enter__(self) -> Weighing:
        self._began, self._before, self._idle = time.perf_counter(), _spent(), _idle()
        return self

    def __exit__(self, *_fault: object) -> None:
        took = time.perf_counter() - self._began
        cores = os.cpu_count() or 1
        left = (_idle() - self._idle) / took / cores
        used: defaultdict[str, float] = defaultdict(float)
        for (pid, kind), seconds in _spent().items():
            used[kind] += seconds - self._before.get((pid, kind), 0.0)
        shares = ", ".join(f"{kind} {used[kind] / took / cores:.0%}" for kind in sorted(used))
        self.left = left
        self.words = f"processors: {left:.0%} of {cores} left over; {shares}" if used else ""


def _spent() -> dict[tuple[int, str], float]:
    """Seconds of each process that has to do with us."""
    found = {}
    for pid, words, seconds in _processes():
        kind = next((kind for word, kind in KINDS if word in words), None)
        if kind:
            found[pid, kind] = seconds
    return found


def _processes() -> Iterator[tuple[int, str, float]]:
    tick = os.sysconf("SC_CLK_TCK")
    for folder in PROC.glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            told = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), words, (int(told[11]) + int(told[12])) / tick


def _idle() -> float:
    """Seconds that all processors together had nothing to do."""
    try:
        told = (PROC / "stat").read_text().split("\n", 1)[0].split()
    except OSError:
        return 0.0
    return (int(told[4]) + int(told[5])) / os.sysconf("SC_CLK_TCK")
