"""Backing up: everything of a deployment into one file, while it runs.

The database is dumped first, as one snapshot of it, then the files: those are written before the rows that
name them and never changed, so every file that the dump names is in the archive.
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapport import __version__
from rapport.cli.archive import (
    DUMP,
    FILES,
    KEY,
    MANIFEST,
    SAFE_FILE,
    BackupFailed,
    Hashing,
    Manifest,
    Progress,
    be_quiet,
)
from rapport.kernel import clock
from rapport.kernel.pg.dumping import dump_database
from rapport.kernel.pg.faults import PgError

if TYPE_CHECKING:
    import psycopg

UNFINISHED = ".new-"  # a file that is being written right now


def back_up(
    url: str,
    target: Path,
    *,
    home: Path,
    with_files: bool = True,
    overwrite: bool = False,
    on_progress: Progress | None = None,
) -> Manifest:
    """Write a backup of the database `url` and the data folder `home` into the file `target`.

    `with_files` is False where files lie in S3. The target appears when it is whole; stopped before, nothing
    is left. Raises BackupFailed.
    """
    tell = on_progress or be_quiet
    if target.exists() and not overwrite:
        raise BackupFailed(f"{target} exists; name another file, or say --overwrite")
    try:
        with _partial(target) as (tar, folder):
            manifest = _describe(url, folder / DUMP, tell)
            sums = {DUMP: _add(tar, folder / DUMP, DUMP)}
            (folder / DUMP).unlink()
            if (home / KEY).is_file():
                sums[KEY] = _add(tar, home / KEY, KEY)
            told = _add_files(tar, home / "files", sums, tell) if with_files else {}
            whole = Manifest(**manifest, sums=sums, **({"files": 0, "file_bytes": 0} | told))
            _add_manifest(tar, whole)
    except PgError as fault:
        raise BackupFailed(str(fault)) from fault
    except OSError as fault:
        place = fault.filename or target
        raise BackupFailed(f"the backup was not written: {fault.strerror}: {place}") from fault
    return whole


@contextmanager
def _partial(target: Path) -> Iterator[tuple[tarfile.TarFile, Path]]:
    """An archive beside the target, and a folder for the dump; the target only when all went well."""
    partial = target.with_name(f".{target.name}.partial")
    scratch = partial.with_suffix(".scratch")
    handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"another backup is being written to {target}") from None
        try:
            file.truncate()
            shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
            scratch.mkdir(mode=0o700)
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield tar, scratch
            file.flush()
            os.fsync(file.fileno())
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    _sync_folder(target.parent)


def _describe(url: str, dump: Path, tell: Progress) -> dict[str, Any]:
    """Dump one snapshot of the database and count what is in the very same one."""
    import psycopg

    try:
        connection = psycopg.connect(url, application_name="rapport backup")
    except psycopg.OperationalError as fault:
        raise BackupFailed(f"the database does not answer: {fault}") from fault
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = _value(connection, "SELECT pg_export_snapshot()")
        counts = count_rows(connection, tell)
        done = 0

        def tell_table(table: str) -> None:
            nonlocal done
            done += 1
            tell(f"dumping {table}", done, len(counts))

        dump_database(url, dump, snapshot=snapshot, on_progress=tell_table)
        return {
            "version": __version__,
            "created": clock.now().isoformat(timespec="seconds"),
            "server": str(connection.info.server_version),
            "counts": counts,
            "migrations": _migrations(connection) if "django_migrations" in counts else [],
        }


def count_rows(connection: psycopg.Connection, tell: Progress) -> dict[str, int]:
    """The exact number of rows by table of the schema `public`."""
    from psycopg import sql

    words = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
    words += " AND relnamespace = 'public'::regnamespace ORDER BY relname"
    names = [row[0] for row in connection.execute(words)]
    counts = {}
    for number, name in enumerate(names, start=1):
        tell(f"counting {name}", number, len(names))
        table = sql.Identifier("public", name)
        counts[name] = _value(connection, sql.SQL("SELECT count(*) FROM {}").format(table))
    return counts


def _value(connection: psycopg.Connection, words: Any) -> Any:
    row = connection.execute(words).fetchone()
    return row[0] if row else None


def _migrations(connection: psycopg.Connection) -> list[list[str]]:
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [list(row) for row in rows]


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file under a name; returns its SHA-256."""
    with path.open("rb") as file:
        member = tar.gettarinfo(arcname=name, fileobj=file)
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mode = 0o600
        hashing = Hashing(file)
        tar.addfile(member, hashing)
        return hashing.sum


def _add_files(
    tar: tarfile.TarFile, files: Path, sums: dict[str, str], tell: Progress
) -> dict[str, Any]:
    found = sorted(_files_of(files))
    size, added, damaged = 0, 0, []
    for number, path in enumerate(found, start=1):
        name = FILES + path.relative_to(files).as_posix()
        if SAFE_FILE.fullmatch(name) is None:
            raise BackupFailed(f"{path} is no file of Rapport's; move it out of the data folder")
        try:
            checksum = _add(tar, path, name)
        except FileNotFoundError:
            continue  # forgotten meanwhile, at a customer's wish
        if checksum != path.name:
            sums[name] = checksum
            damaged += [name] if len(path.name) == len(checksum) else []
        added += 1
        size += path.stat().st_size if path.exists() else 0
        if number % 100 == 0 or number == len(found):
            tell("files", number, len(found))
    return {"files": added, "file_bytes": size, "damaged": damaged}


def _files_of(files: Path) -> Iterator[Path]:
    for folder, _folders, names in os.walk(files):
        for name in names:
            if not name.startswith(UNFINISHED):
                yield Path(folder, name)


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    content = manifest.to_json()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(content), 0o600
    member.mtime = int(clock.now().timestamp())
    tar.addfile(member, io.BytesIO(content))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
