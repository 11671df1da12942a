"""Where no kernel tells of a parent's death, the children see it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

CHILD = """\
import os, sys, time
from rapport.cli.mourning import end_with
end_with(int(sys.argv[1]))
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = """\
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
sys.exit(child.wait())
"""


def test_a_child_ends_when_its_parent_was_killed() -> None:
    words = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(1)
        assert state_of(child)[:1] in "SR"
        parent.kill()
    for _ in range(100):
        if state_of(child)[:1] in ("", "Z"):
            return
        time.sleep(0.1)
    raise AssertionError("it lives on")


def state_of(pid: int) -> str:
    told = ["ps", "-o", "stat=", "-p", str(pid)]
    return subprocess.run(told, capture_output=True, text=True, check=False).stdout.strip()


def test_the_command_is_run_as_ever() -> None:
    words = [sys.executable, "-m", "rapport.cli.mourning", str(os.getpid()), "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("rapport ")
