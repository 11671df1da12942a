"""Announcing: the address that `rapport up` serves, kept in the data folder for commands in other terminals.

It counts as long as the process that wrote it lives.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "address.json"


def local_address(host: str, port: int) -> str:
    """How this machine opens what listens there."""
    return f"http://{seen_host(host)}:{port}"


def seen_host(host: str) -> str:
    """The host as it stands in an address: all addresses are seen by the loopback's."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


@contextmanager
def announced(home: Path, address: str) -> Iterator[None]:
    """Let others find the address for the length of the block; a folder that takes no file hides it only."""
    path = home / NAME
    try:
        path.write_text(json.dumps({"address": address, "pid": os.getpid()}), encoding="utf-8")
    except OSError:
        pass  # a full disk must not keep the desk from starting
    try:
        yield
    finally:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            pass


def find_address(home: Path) -> str:
    """The address that is served from this data folder now; empty where nobody says so."""
    try:
        told = json.loads((home / NAME).read_text(encoding="utf-8"))
        address, pid = str(told["address"]), int(told["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return address if _lives(pid) else ""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # as another user
    except (OSError, OverflowError):
        return False
    return True
