"""Measure this machine: each figure beside its own limit, taken in the same run.

Each starts what it needs in a temporary data folder, ends within three minutes and cleans up.
"""

from __future__ import annotations

import argparse
import pkgutil
from importlib import import_module

from rapport.cli.failing import CommandFailed

NAMES = ("intake", "road", "inbox", "search", "live", "idle")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport bench`."""
    parser.add_argument("name", choices=NAMES, help="what to measure")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")


def run(options: argparse.Namespace) -> int:
    """Run one measurement."""
    import rapport.cli.benching as benching

    if options.name not in {module.name for module in pkgutil.iter_modules(benching.__path__)}:
        raise CommandFailed(f"this build measures no {options.name!r}")
    module = import_module(f"rapport.cli.benching.{options.name}")
    return int(module.run(as_json=options.json) or 0)
