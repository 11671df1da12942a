"""What can go wrong around the embedded server, in words for the operator: what, and the fix."""

from __future__ import annotations


class PgError(Exception):
    """Something about the embedded PostgreSQL needs the operator."""


class ProgramsMissing(PgError):
    """There are no PostgreSQL binaries for this machine."""


class FolderHeld(PgError):
    """Another process serves this folder already; `pid` is it, or None when not known."""

    def __init__(self, message: str, *, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


class FolderUnusable(PgError):
    """The folder exists, but is not one that this program may or can serve."""


class AccountMissing(PgError):
    """Root needs an unprivileged account for PostgreSQL, and there is none."""


class StartFailed(PgError):
    """The server was started and ended before it was ready."""


class DiskFull(StartFailed):
    """The server cannot start because its disk is full."""


class DumpFailed(PgError):
    """pg_dump or pg_restore gave up; the message holds its own words."""


def fault_from_words(words: str, *, where: str) -> StartFailed:
    """The fault that the server's last words tell of; `where` names the folder concerned."""
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return DiskFull(
            f"disk full: PostgreSQL cannot write in {where}. Free some space and start again; "
            "nothing that was acknowledged is lost."
        )
    tail = "\n".join(words.strip().splitlines()[-12:]) or "(it said nothing)"
    return StartFailed(f"PostgreSQL did not start in {where}. Its last words:\n{tail}")
