"""Dumping: a database into one file and back, whole or not at all, from and to any PostgreSQL ≥ 15."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rapport.kernel.pg.faults import DumpFailed, ProgramsMissing
from rapport.kernel.pg.finding import find_program

#: Called with the name of each table as its rows begin to flow.
Progress = Callable[[str], None]

TLS_MODES = ("require", "verify-ca", "verify-full")
EMPTY = "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
# pg_restore of 17 and newer says this to every server; those before 17 do not know it.
TOO_NEW = b"SET transaction_timeout = 0;\n"
BLOCK = 256 * 1024


def dump_database(
    url: str, target: Path, *, snapshot: str | None = None, on_progress: Progress | None = None
) -> None:
    """Write the database to `target` in pg_dump's custom format; raises DumpFailed.

    With `snapshot` (from pg_export_snapshot) the dump shows what that transaction sees.
    """
    arguments = ["--format=custom", "--compress=gzip:4", "--no-owner", "--no-privileges"]
    arguments += ["--verbose", f"--file={target}"]
    if snapshot is not None:
        arguments.append(f"--snapshot={snapshot}")
    connection, environment = connect_words(url)
    command = [str(client_program("pg_dump", url)), *arguments, f"--dbname={connection}"]
    with _running(command, environment, stderr=subprocess.PIPE) as process:
        words = _follow(process.stderr, on_progress)
        code = process.wait()
    if code != 0:
        raise DumpFailed(f"pg_dump failed: {_gist(words)}")


def load_database(
    url: str,
    source: Path,
    *,
    replace: bool = False,
    patience: int = 10,
    on_progress: Progress | None = None,
) -> None:
    """Load a dump in one transaction; raises DumpFailed, and then nothing has changed.

    With `replace` everything in the schema `public` is dropped in the same transaction; for those who
    still use it we wait `patience` seconds.
    """
    connection, environment = connect_words(url)
    unpack = [str(client_program("pg_restore", url)), "--no-owner", "--no-privileges"]
    unpack += ["--verbose", "--file=-", str(source)]
    load = [str(client_program("psql", url)), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    load += ["--file=-", f"--dbname={connection}"]
    with (
        tempfile.TemporaryFile() as complaints,
        _running(load, environment, stdin=subprocess.PIPE, stderr=complaints) as loading,
    ):
        fault = ""
        try:
            words = f"BEGIN;\nSET LOCAL lock_timeout = '{patience}s';\n{EMPTY if replace else ''}"
            fault = _pour(words, unpack, loading, environment, on_progress)
        except BrokenPipeError:
            pass  # psql gave up: its complaint says why
        code = loading.wait()
        complaints.seek(0)
        told = complaints.read().decode(errors="replace").splitlines()
    if code != 0 or fault:
        raise DumpFailed(f"the dump could not be loaded: {fault or _gist(told)}")


def client_program(name: str, url: str) -> Path:
    """The client program that can talk to this server: the wheel's has no TLS."""
    if _connection_parts(url).get("sslmode") not in TLS_MODES:
        return find_program(name)
    found = shutil.which(name)
    if found is None:
        raise ProgramsMissing(
            f"DATABASE_URL asks for TLS and there is no {name} on the PATH that speaks it. "
            "Install the package postgresql-client of at least the server's version."
        )
    return Path(found)


def connect_words(url: str) -> tuple[str, dict[str, str]]:
    """What a client program is told of a server: a conninfo for all to see, and its environment."""
    from psycopg.conninfo import make_conninfo

    parts = _connection_parts(url)
    password = parts.pop("password", None)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("RAPPORT_") and name not in ("DATABASE_URL", "REDIS_URL")
    }
    environment = kept | {"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {})
    return make_conninfo("", **parts), environment


def _connection_parts(url: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}


def _pour(
    first: str,
    unpack: list[str],
    loading: subprocess.Popen[bytes],
    environment: dict[str, str],
    on_progress: Progress | None,
) -> str:
    """Pour the unpacked dump into psql; COMMIT only follows a dump that was whole."""
    assert loading.stdin is not None  # noqa: S101 - started with a pipe
    words: list[str] = []
    with (
        loading.stdin as sink,
        _running(unpack, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as unpacking,
    ):
        assert unpacking.stdout is not None  # noqa: S101 - started with a pipe
        following = threading.Thread(
            target=lambda: words.extend(_follow(unpacking.stderr, on_progress)), daemon=True
        )
        following.start()
        sink.write(first.encode())
        sink.write(unpacking.stdout.read(BLOCK).replace(TOO_NEW, b"", 1))
        shutil.copyfileobj(unpacking.stdout, sink, BLOCK)
        code = unpacking.wait()
        following.join()
        if code == 0:
            sink.write(b"\nCOMMIT;\n")
    return "" if code == 0 else f"pg_restore failed: {_gist(words)}"


@contextmanager
def _running(
    command: list[str],
    environment: dict[str, str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    stderr: int | IO[bytes],
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive its block."""
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stdin=stdin, stdout=stdout, stderr=stderr
    )
    try:
        yield process
    finally:
        process.kill()  # harmless when it has ended
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()


def _follow(words: IO[bytes] | None, on_progress: Progress | None) -> list[str]:
    """Read a program's --verbose words; tell of tables, keep what is no table."""
    kept: list[str] = []
    for raw in words or ():
        line = raw.decode(errors="replace").strip()
        if "contents of table" in line or "processing data for table" in line:
            if on_progress is not None:
                on_progress(line.partition('"')[2].rstrip('"'))
        elif "error" in line or "FATAL" in line or "DETAIL" in line or "hint" in line.lower():
            kept.append(line)
    return kept


def _gist(words: list[str]) -> str:
    return "\n".join(words[-8:]) or "it gave no reason"
