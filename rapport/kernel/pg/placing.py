"""Placing: where below RAPPORT_HOME the server's things lie, and where its socket can be.

<home>/postgres/            0700 (root: 0711, root's own)
    data/                   PostgreSQL's own folder, 0700
    run/                    the socket, 0700; elsewhere when this path is too long or closed
    supervisor.lock         held by the process that serves this folder
    server.log              the server's words, without customers' words
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rapport.kernel.pg.faults import FolderUnusable
from rapport.kernel.pg.lowering import Account, can_traverse

PORT = 5432
ROLE = DATABASE = "rapport"
# A socket's address holds 104 bytes on macOS and 108 on Linux, the final NUL included.
SOCKET_BYTES = 103


@dataclass(frozen=True)
class Places:
    """The paths of one embedded server."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.folder / "data"

    @property
    def lock(self) -> Path:
        """The file whose lock says that a supervisor lives."""
        return self.folder / "supervisor.lock"

    @property
    def words(self) -> Path:
        """The server's log."""
        return self.folder / "server.log"


def places_of(home: Path) -> Places:
    """The paths below a data folder; makes nothing."""
    return Places(Path(os.path.realpath(home)) / "postgres")


def lay_folder(places: Places, account: Account) -> None:
    """Make the server's folder: ours alone, or for root enterable by the service account."""
    try:
        places.folder.parent.mkdir(parents=True, exist_ok=True)
        places.folder.mkdir(mode=0o700, exist_ok=True)
        found = places.folder.stat()
        if found.st_uid == os.geteuid():
            places.folder.chmod(0o711 if account.lowered else 0o700)
    except OSError as fault:
        raise FolderUnusable(
            f"cannot use {places.folder}: {fault.strerror}. "
            "Let RAPPORT_HOME name a folder in which this user may write."
        ) from fault


def make_private(folder: Path, account: Account) -> bool:
    """Make a folder of the account's with mode 0700; False when somebody else sits there."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        return False
    if account.lowered:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    folder.chmod(0o700)
    return True


def choose_sockets(places: Places, account: Account) -> Path:
    """The folder of the socket, made: `run` beside the data, or a short one of the system's.

    The choice is the same at each start, so that processes started apart keep their address.
    """
    own = places.folder / "run"
    reachable = not account.lowered or can_traverse(places.folder, account)
    if reachable and _fits_socket(own) and make_private(own, account):
        return own
    base = Path("/run" if account.lowered and os.access("/run", os.W_OK) else "/tmp")  # noqa: S108
    mark = hashlib.blake2b(os.fsencode(places.folder), digest_size=5).hexdigest()
    short = base / f"rapport-{account.uid}-{mark}"
    if make_private(short, account):
        return short
    drawn = Path(tempfile.mkdtemp(prefix="rapport-", dir=base))
    make_private(drawn, account)
    return drawn


def clear_sockets(sockets: Path) -> None:
    """Drop a dead server's socket and its lock, whose pid may by now be a zombie's or a stranger's."""
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (sockets / name).unlink(missing_ok=True)


def _fits_socket(folder: Path) -> bool:
    address = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(address) <= SOCKET_BYTES and b"," not in address  # libpq takes "," for many hosts


def connection_url(sockets: Path, *, database: str = DATABASE, role: str = ROLE) -> str:
    """The DATABASE_URL of a server that listens in this folder."""
    host = quote(os.fsencode(sockets), safe="")
    return f"postgresql://{role}@/{quote(database)}?host={host}&port={PORT}"
