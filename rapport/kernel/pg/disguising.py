"""Disguising: a user without an entry in the list of users, as containers have, runs PostgreSQL all the same.

`initdb` and the server ask for the name of their user id. In a user namespace of its own (Linux) a program has
an id that the list does know, while files, signals and rights stay those of the real one.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

#: What ids that are not mapped look like inside; nobody may be taken for us by it.
OVERFLOW = Path("/proc/sys/kernel/overflowuid")


def find_guise(becoming: Path) -> pwd.struct_passwd | None:
    """A known user as whom PostgreSQL may run here; None where the system allows no such thing."""
    true = shutil.which("true")
    known = _first_known()
    if sys.platform != "linux" or true is None or known is None:
        return None
    head = [sys.executable, "-I", "-S", str(becoming), str(os.getpid()), "0", "-1", "-1"]
    done = subprocess.run(  # noqa: S603
        [*head, f"{known.pw_uid}:{known.pw_gid}", true], capture_output=True, check=False
    )
    return known if done.returncode == 0 else None


def _first_known() -> pwd.struct_passwd | None:
    try:
        overflow = int(OVERFLOW.read_text(encoding="ascii"))
    except (OSError, ValueError):
        overflow = 65534
    return next((each for each in pwd.getpwall() if each.pw_uid not in (0, overflow)), None)
