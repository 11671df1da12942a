"""The archive of a backup: one tar file, whose manifest comes last and tells that it is whole.

database.dump     pg_dump's custom format, compressed by it
secret.key        without it no stored password of a channel can be read (absent if set from outside)
files/…           attachments under the hash of their content
manifest.json     what is in here, with counts and SHA-256 sums
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from rapport.cli.failing import CommandFailed

FORMAT = 1
DUMP, KEY, FILES, MANIFEST = "database.dump", "secret.key", "files/", "manifest.json"
SAFE_FILE = re.compile(r"files/[0-9A-Za-z_][0-9A-Za-z_.-]*(/[0-9A-Za-z_][0-9A-Za-z_.-]*)*")
BLOCK = 1024 * 1024

#: Called with what is being done, how much of it is done, and of how much (0 when nobody knows).
Progress = Callable[[str, int, int], None]


class BackupFailed(CommandFailed):
    """The backup was not written; an older one of the same name is untouched."""


class RestoreFailed(CommandFailed):
    """The backup was not restored; the message says what was and was not changed."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds."""

    version: str
    created: str
    server: str
    counts: dict[str, int]
    migrations: list[list[str]]
    #: SHA-256 by member name, for every member whose name is not its hash already.
    sums: dict[str, str]
    files: int
    file_bytes: int
    #: Files named with another content than they have: kept as they are, and told.
    damaged: list[str] = field(default_factory=list)
    format: int = FORMAT

    def to_json(self) -> bytes:
        """The bytes of `manifest.json`."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """Read a manifest; raises RestoreFailed for one of another format."""
        try:
            given: dict[str, Any] = json.loads(content)
            if given.get("format") != FORMAT:
                raise RestoreFailed(
                    f"this backup has the format {given.get('format')}, this release reads {FORMAT}"
                )
            return cls(**given)
        except (ValueError, TypeError, AttributeError) as fault:
            raise RestoreFailed(f"the backup's manifest cannot be read: {fault}") from fault


class Hashing:
    """A file that is read through a SHA-256 sum, and never beyond the size that was promised."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._sum.update(block)
        return block

    def drain(self) -> str:
        """Read what is left; returns the sum in hex."""
        while self.read(BLOCK):
            pass
        return self._sum.hexdigest()

    @property
    def sum(self) -> str:
        """The sum of what was read so far, in hex."""
        return self._sum.hexdigest()


def be_quiet(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def promised_sum(name: str, manifest: Manifest) -> str:
    """The SHA-256 that a member must have: told by the manifest, else by its own name."""
    return manifest.sums.get(name) or name.rpartition("/")[2]


def is_expected(name: str) -> bool:
    """Whether a member of this name belongs into a backup."""
    return name in (DUMP, KEY, MANIFEST) or SAFE_FILE.fullmatch(name) is not None
