"""Print the Python on the PATH that the environment is best made with.

    python3 bin/fastest_python.py [--uv]     (with uv a Python needs no pip)

The first `python3`; or another of the versions that Rapport is tried with, where that runs the same few lines
in clearly less time: two builds of one version differ by a quarter, and nothing tells them apart but the clock.
Whoever chose a Python (`PYTHON`, an active virtual or conda environment) gets it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python")
NEWEST = (3, 14)  # of those that are taken without being the usual one
#: So much less time the other must take; less than that is the noise of the machine.
CLEARLY, ROUNDS = 0.93, 4
#: Too old, and where Apple's tools are missing it opens a window that offers them.
MACS_OWN = "/usr/bin/python3" if sys.platform == "darwin" else ""


def choose(*, with_uv: bool) -> str | None:
    if chosen := os.environ.get("PYTHON"):
        return chosen if _ask(chosen) else None
    found = _those_on_path(with_uv=with_uv)
    if len(found) < 2 or os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX"):
        return next(iter(found), None)
    times = dict.fromkeys(found, 9.0)
    for python in found * ROUNDS:  # in turn: a busy moment of the machine is nobody's fault
        times[python] = min(times[python], float(_ask(python, "--time") or 9))
    fastest = min(found, key=times.__getitem__)
    return fastest if times[fastest] < CLEARLY * times[found[0]] else found[0]


def _those_on_path(*, with_uv: bool) -> list[str]:
    """Each Python that serves, once; the usual one first."""
    found: dict[str, str] = {}
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for path in [shutil.which(name, path=folder) for name in NAMES for folder in folders]:
        if path and path != MACS_OWN and (said := _ask(path)):
            real, major, minor, has_pip, is_plain = said.split("|")
            is_tried = is_plain == "True" and (int(major), int(minor)) <= NEWEST
            if (with_uv or has_pip == "True") and (is_tried or not found):
                found.setdefault(real, path)
    return list(found.values())


def _ask(python: str, *options: str) -> str:
    """What it tells of itself; nothing where it does not run (a launcher of a version that is not there)."""
    asked = [python, "-I", os.path.join(os.path.dirname(__file__), "this_python.py"), *options]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    python = choose(with_uv="--uv" in sys.argv)
    print(python) if python else sys.exit(1)
