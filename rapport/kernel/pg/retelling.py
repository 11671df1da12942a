"""Retelling: the server's own words go to a file and our log, without any customer's words.

A slow statement is worth a line for the operator, but its literals are people's letters: every quoted
literal becomes '?'. The last words stay in memory, for a full disk keeps them from the file.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections import deque
from pathlib import Path
from typing import IO

logger = logging.getLogger("rapport.kernel")

FILE_BYTES = 4 * 1024 * 1024
LINE_CHARACTERS = 600
STATEMENT_CHARACTERS = 20_000
LITERAL = re.compile(r"'(?:[^']|'')*('|$)|\$(\w*)\$.*?(\$\2\$|$)", re.DOTALL)
STATEMENT = re.compile(r"LOG: +duration:")
LOUD = re.compile(r"(FATAL|PANIC|WARNING): ")
# Said whenever a client comes or goes at a bad moment: its own side tells the story better.
EXPECTED = re.compile(
    r"the database system is (starting up|shutting down|in recovery mode|not yet accepting)"
    r"|terminating connection due to administrator command"
)


class Retelling:
    """Reads one server's output until it ends; `last_words()` are the newest of them."""

    def __init__(self, output: IO[bytes], *, path: Path) -> None:
        self._output = output
        self._path = path
        self._kept: deque[str] = deque(maxlen=60)
        self._thread = threading.Thread(target=self._read, name="postgres-words", daemon=True)
        self._thread.start()

    def last_words(self) -> str:
        """The newest lines, oldest first."""
        return "\n".join(self._kept)

    def wait(self, seconds: float) -> None:
        """Wait until the output has ended (a backend may hold it a moment longer)."""
        self._thread.join(seconds)

    def _read(self) -> None:
        statement: list[str] = []
        room = 0
        with self._output as output:
            for raw in output:
                line = raw.decode(errors="replace").rstrip("\n")
                if statement and line.startswith("\t"):
                    # Cut at one place only: a literal that stays open is masked to the end.
                    if room > 0:
                        statement.append(line.strip()[:room])
                        room -= len(line)
                    continue
                self._flush(statement)
                if STATEMENT.search(line):
                    statement.append(line[:STATEMENT_CHARACTERS])
                    room = STATEMENT_CHARACTERS - len(line)
                else:
                    self._tell(line[:LINE_CHARACTERS])
            self._flush(statement)

    def _flush(self, statement: list[str]) -> None:
        if statement:
            self._tell(mask_literals(" ".join(statement))[:LINE_CHARACTERS])
            statement.clear()

    def _tell(self, line: str) -> None:
        self._kept.append(line)
        if LOUD.search(line) and not EXPECTED.search(line):
            logger.warning("PostgreSQL says: %s", line.partition("] ")[2] or line)
        try:
            append_line(self._path, line)
        except OSError:
            pass  # a full disk: the words stay in memory, and who writes a message is told anyway


def mask_literals(statement: str) -> str:
    """A statement without its quoted literals: `select 'x'` becomes `select '?'`."""
    return LITERAL.sub("'?'", statement)


def append_line(path: Path, line: str) -> None:
    """Add a line; a file that has grown too long becomes `<name>.1`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    try:
        os.write(file, line.encode(errors="replace") + b"\n")
        grown = os.fstat(file).st_size > FILE_BYTES
    finally:
        os.close(file)
    if grown:
        path.replace(path.with_name(path.name + ".1"))
