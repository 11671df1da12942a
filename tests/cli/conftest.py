"""Running a command of ours, in this process or in its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from rapport.cli.commands import run


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """`rapport WORD…` in this process; asks for `database` where it needs one."""

    def call(*words: str) -> Ended:
        with pytest.raises(SystemExit) as end:
            run(list(words))
        out, err = capsys.readouterr()
        return Ended(int(end.value.code or 0), out, err)

    return call


@pytest.fixture
def process() -> Callable[..., Ended]:
    """`rapport WORD…` as a process of its own, as a shell starts it, with bytes on its standard input."""
    # What pytest-django has set here would hide a command that forgets to.
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    def call(*words: str, given: bytes = b"", **environment: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "rapport", *words],
            input=given,
            capture_output=True,
            env={**kept, **environment},
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call
