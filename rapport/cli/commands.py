"""The command `rapport` and the modules behind its words."""

from __future__ import annotations


def run() -> None:
    """Run the command that the arguments name."""
