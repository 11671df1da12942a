"""Lowering: root's rights are put down before PostgreSQL runs, to a service account.

PostgreSQL refuses to run as root. The account is, in this order: the owner of an existing data
folder, an account named `rapport`, the system's own PostgreSQL account, or a fresh `rapport`.
"""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rapport.kernel.pg.disguising import find_guise
from rapport.kernel.pg.faults import AccountMissing

logger = logging.getLogger("rapport.kernel")

NAME = "rapport"
KNOWN = (NAME, "postgres", "_postgres")
BECOMING = Path(__file__).with_name("becoming.py")


@dataclass(frozen=True)
class Account:
    """Who the server runs as; `lowered` says that we are root and become somebody else.

    `guise` is the uid and gid of the known user `name`, whom a user without a name seems to be.
    """

    uid: int
    gid: int
    name: str
    lowered: bool
    guise: tuple[int, int] | None = None


def choose_account(data: Path, *, may_create: bool = True) -> Account:
    """The account for the server of this data folder: ourselves, or for root a service account.

    With `may_create` an account `rapport` is added when the machine has none that fits; without it
    `nobody` serves (right for throw-away servers only). Raises AccountMissing with the fix.
    """
    if os.geteuid() != 0:
        return _ourselves(os.geteuid(), os.getegid())
    owner = data.lstat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, _name_of(owner.st_uid), lowered=True)
    for name in (*KNOWN, *(() if may_create else ("nobody",))):
        if found := _known_account(name):
            return found
    if may_create and (made := _create_account()):
        return made
    raise AccountMissing(
        "PostgreSQL does not run as root and there is no account for it. "
        f"Create one (useradd --system {NAME}), start Rapport as an ordinary user, "
        "or set DATABASE_URL."
    )


def _ourselves(uid: int, gid: int) -> Account:
    if name := _name_of(uid):
        return Account(uid, gid, name, lowered=False)
    if found := find_guise(BECOMING):
        guise = (found.pw_uid, found.pw_gid)
        return Account(uid, gid, found.pw_name, lowered=False, guise=guise)
    raise AccountMissing(
        f"PostgreSQL needs a name for its user, and user {uid} has none in /etc/passwd. "
        f"Give it one (useradd --uid {uid} {NAME}, in the image of a container), start Rapport as a "
        "user with a name, or set DATABASE_URL."
    )


def can_traverse(folder: Path, account: Account) -> bool:
    """Whether the account may enter the folder and all its parents, by owner, group and mode."""
    resolved = folder.resolve()
    return all(_may_enter(each, account) for each in (resolved, *resolved.parents))


def _may_enter(folder: Path, account: Account) -> bool:
    try:
        found = folder.stat()
    except OSError:
        return False
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _known_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, name, lowered=True) if entry.pw_uid else None


def _create_account() -> Account | None:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return None
    command = [
        useradd,
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
    ]
    command += ["--shell", "/usr/sbin/nologin", NAME]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        logger.warning("created the service account %s for PostgreSQL", NAME)
    return _known_account(NAME)
