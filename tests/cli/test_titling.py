"""A process is called by what it does, where the system lets it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rapport.cli.titling import set_title


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where the arguments lie")
@pytest.mark.parametrize("fields", [20, 42, 44])
def test_a_system_that_tells_less_of_a_process_leaves_its_title(
    monkeypatch: pytest.MonkeyPatch, fields: int
) -> None:
    # As an emulated arm64 does.
    stat = "7 (python3) R " + " ".join(["0"] * fields)
    name, title = Path("/proc/self/comm").read_text().strip(), Path("/proc/self/cmdline")
    before = title.read_bytes()
    with monkeypatch.context() as told:
        told.setattr(Path, "read_text", lambda *_args, **_kwargs: stat)
        set_title("rapport other", name=name)
    assert title.read_bytes() == before
