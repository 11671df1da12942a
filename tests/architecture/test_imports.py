"""Imports run downwards only, as the contracts in pyproject.toml say."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.sources import PACKAGE, ROOMS, ROOT, text_of


def test_the_contracts_of_import_linter_are_kept():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_knows_every_room_and_surface():
    words = text_of(ROOT / "pyproject.toml").split("layers = [")[1].split("\n]")[0]
    built = {folder.parent.name for folder in PACKAGE.glob("*/__init__.py")}
    missing = [name for name in (*ROOMS, *sorted(built)) if name not in words]
    assert not missing


HELP = """
import sys
from rapport.cli.commands import run
try:
    run(["--help"])
except SystemExit as end:
    assert end.code == 0
assert not {"django", "psycopg", "msgspec"} & set(sys.modules), "slow to start"
"""


def test_help_needs_no_django():
    done = subprocess.run(
        [sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "rapport up" in done.stdout
