"""Idle: the memory of everything that `rapport up` starts, when nothing happens.

Told is the proportional share (PSS): what the processes would free if they ended, shared pages counted once.
The limit is the budget of 350 MB. Where the system does not tell PSS, resident memory is summed instead.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from rapport.cli.benching.harness import (
    Figure,
    bench_home,
    end_process,
    free_port,
    is_ready,
    say,
    tell,
)

BUDGET_MB = 350
SETTLE_SECONDS = 20


def run(*, as_json: bool) -> int:
    """Start everything, open a page, wait, weigh."""
    with bench_home() as home:
        port = free_port()
        command = [sys.executable, "-m", "rapport", "up", "--no-demo", "--port", str(port)]
        with (home / "up.log").open("wb") as words:
            up = subprocess.Popen(command, stdout=words, stderr=words, stdin=subprocess.DEVNULL)
            try:
                while not is_ready(f"http://127.0.0.1:{port}"):
                    time.sleep(0.2)
                for _ in range(3):
                    urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
                say(f"settling for {SETTLE_SECONDS} s …")
                time.sleep(SETTLE_SECONDS)
                weights = {pid: weigh(pid) for pid in descendants(up.pid)}
            finally:
                end_process(up)
    for pid, (name, megabytes) in sorted(weights.items()):
        say(f"{megabytes:7.1f} MB  {name} ({pid})")
    total = round(sum(megabytes for _name, megabytes in weights.values()), 1)
    figure = Figure(
        name="idle",
        value=total,
        unit="MB",
        limit=BUDGET_MB,
        ratio=round(total / BUDGET_MB, 3),
        n=len(weights),
    )
    tell(figure, as_json=as_json)
    return 0


def descendants(pid: int) -> list[int]:
    """A process and all that it started, directly or not."""
    printed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parent_of = {int(a): int(b) for a, b in (line.split() for line in printed.splitlines())}
    found, new = [pid], [pid]
    while new:
        new = [child for child, parent in parent_of.items() if parent in new]
        found += new
    return found


def weigh(pid: int) -> tuple[str, float]:
    """The name of a process and its share of the memory in MB; 0 where it is gone."""
    name = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()[:60]
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kilobytes = next(int(line.split()[1]) for line in told.splitlines() if line[:4] == "Pss:")
    except (OSError, StopIteration):
        resident = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        kilobytes = int(resident.strip() or 0)
    return name, kilobytes / 1024
