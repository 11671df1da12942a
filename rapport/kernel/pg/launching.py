"""Launching: one way to start a PostgreSQL program, as the right account, bound to our life."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from rapport.kernel.pg.lowering import BECOMING, Account, can_traverse

HERE = "/proc/self/cwd"


def launch(
    program: Path,
    arguments: list[str],
    *,
    account: Account,
    folder: Path,
    death_signal: int = 0,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start the program in `folder`; stdout and stderr come in one pipe.

    With `death_signal` the kernel (Linux) sends it that signal when the *thread* that called us ends.
    It leads a session of its own, so that a terminal's Ctrl-C reaches us alone and we end it in order.
    """
    ids = (account.uid, account.gid) if account.lowered else (-1, -1)
    head = [sys.executable, "-I", "-S", str(BECOMING), str(os.getpid()), str(death_signal)]
    guise = f"{account.guise[0]}:{account.guise[1]}" if account.guise else "-1"
    return subprocess.Popen(  # noqa: S603
        [*head, *map(str, ids), guise, str(program), *arguments],
        cwd=folder,
        env=clean_environment(),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def name_folder(folder: Path, account: Account) -> str:
    """How a program that is launched *in* the folder must name it.

    Root may lay its data below a closed folder (/root). The account cannot walk there, but a process
    that stands in the folder already may name it by the kernel's own link, without any walking.
    """
    if not account.lowered or can_traverse(folder.parent, account) or not os.path.exists(HERE):
        return str(folder)
    return HERE


def clean_environment() -> dict[str, str]:
    """What a PostgreSQL program gets to see: none of our secrets, no PG* variable, English words."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C", "TZ": "UTC"}


def describe_exit(code: int) -> str:
    """An exit code in words: "exit code 1", "killed by SIGKILL"."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
