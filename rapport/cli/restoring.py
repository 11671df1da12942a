"""Restoring: a backup becomes a deployment again, with the same counts, or the message says why not.

Everything is checked before anything is changed. Files come first (under their hashes they can only be
added), then the database in one transaction, then the secret key. Stopped anywhere, the same command
goes on where it was.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rapport
from rapport.cli.archive import (
    BLOCK,
    DUMP,
    FILES,
    KEY,
    MANIFEST,
    Hashing,
    Manifest,
    Progress,
    RestoreFailed,
    be_quiet,
    is_expected,
    promised_sum,
)
from rapport.cli.backing_up import count_rows
from rapport.kernel.pg.dumping import load_database
from rapport.kernel.pg.faults import PgError

#: Tables that a fresh installation fills by itself.
FRESH = {"django_migrations", "django_content_type", "auth_permission", "procrastinate_version"}
#: Names the backup whose restoring was begun, so that beginning again needs no force.
BEGUN = "restoring.sha256"


def restore_backup(
    url: str,
    source: Path,
    *,
    home: Path,
    force: bool = False,
    on_progress: Progress | None = None,
) -> Manifest:
    """Restore the backup `source` into the database `url` and the data folder `home`.

    A database that holds anything is refused unless `force`d; then it is replaced. Run the migrations
    afterwards, in a process that has not read the settings yet: the secret key may be another now.
    Raises RestoreFailed.
    """
    tell = on_progress or be_quiet
    try:
        manifest = check_backup(source, on_progress=tell)
        _refuse_newer(manifest)
        home.mkdir(parents=True, exist_ok=True)
        if not force and not _was_begun(home, manifest):
            _refuse_filled(url)
        _note_begun(home, manifest)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
            _unpack(source, manifest, home=home, scratch=Path(folder), tell=tell)
            tables = len(manifest.counts)
            names: list[str] = []

            def tell_table(table: str) -> None:
                names.append(table)
                tell(f"loading {table}", len(names), tables)

            load_database(url, Path(folder, DUMP), replace=True, on_progress=tell_table)
            _begin_era(url, manifest)
            _place_key(home, Path(folder, KEY))
        _compare_counts(url, manifest, tell)
        (home / BEGUN).unlink()
    except PgError as fault:
        raise RestoreFailed(f"{fault}\nThe database is as it was.") from fault
    except OSError as fault:
        place = fault.filename or home
        raise RestoreFailed(f"the restore stopped: {fault.strerror}: {place}") from fault
    return manifest


def check_backup(source: Path, *, on_progress: Progress | None = None) -> Manifest:
    """Read a whole backup and compare every sum; changes nothing, raises RestoreFailed."""
    tell = on_progress or be_quiet
    size = source.stat().st_size
    sums: dict[str, str] = {}
    manifest: Manifest | None = None
    with _opened(source) as tar:
        for member in tar:
            if not (member.isreg() and is_expected(member.name)):
                raise RestoreFailed(f"{source} is no backup of Rapport: it holds {member.name!r}")
            file = tar.extractfile(member)
            assert file is not None  # noqa: S101 - a regular member has a content
            if member.name == MANIFEST:
                manifest = Manifest.from_json(file.read())
            else:
                sums[member.name] = Hashing(file).drain()
            tell("checking", member.offset_data + member.size, size)
    if manifest is None:
        raise RestoreFailed(f"{source} is cut: its manifest is missing. Take another backup.")
    _compare_sums(source, sums, manifest)
    return manifest


def _compare_sums(source: Path, sums: dict[str, str], manifest: Manifest) -> None:
    for name, found in sums.items():
        if found != promised_sum(name, manifest):
            raise RestoreFailed(f"{source} is damaged: {name} has another content than was saved")
    missing = set(manifest.sums) - set(sums)
    files = sum(name.startswith(FILES) for name in sums)
    if DUMP not in sums or missing or files != manifest.files:
        raise RestoreFailed(
            f"{source} is damaged: {files} of {manifest.files} files are there, "
            f"missing besides: {', '.join(sorted(missing)) or 'nothing'}"
        )


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as fault:
        raise RestoreFailed(f"{source} is no whole backup: {fault}") from fault


def _refuse_newer(manifest: Manifest) -> None:
    known = known_migrations()
    rooms = {app for app, _ in known}
    unknown = [f"{app} {name}" for app, name in manifest.migrations if app in rooms]
    unknown = [each for each in unknown if tuple(each.split(" ", 1)) not in known]
    if unknown:
        raise RestoreFailed(
            f"this backup was made by Rapport {manifest.version}, which is newer than this "
            f"{rapport.__version__} (it knows {unknown[0]}). Install that release, then restore."
        )


def known_migrations() -> set[tuple[str, str]]:
    """The migrations of our own rooms in this release, as (room, name)."""
    package = Path(rapport.__file__).parent
    return {
        (path.parent.parent.name, path.stem)
        for path in package.rglob("migrations/*.py")
        if path.stem != "__init__"
    }


def _refuse_filled(url: str) -> None:
    counts = _count(url, be_quiet)
    filled = [f"{name} ({rows})" for name, rows in counts.items() if rows and name not in FRESH]
    if filled:
        raise RestoreFailed(
            f"the database is not empty: {', '.join(filled[:5])}"
            + (" …" if len(filled) > 5 else "")
            + ". Nothing was changed; say --force to replace what is there."
        )


def _count(url: str, tell: Progress) -> dict[str, int]:
    import psycopg

    try:
        with psycopg.connect(url) as connection:
            return count_rows(connection, tell)
    except psycopg.OperationalError as fault:
        raise RestoreFailed(f"the database does not answer: {fault}") from fault


def _was_begun(home: Path, manifest: Manifest) -> bool:
    try:
        return (home / BEGUN).read_text(encoding="ascii") == manifest.sums[DUMP]
    except FileNotFoundError:
        return False


def _note_begun(home: Path, manifest: Manifest) -> None:
    (home / BEGUN).write_text(manifest.sums[DUMP], encoding="ascii")


def _unpack(source: Path, manifest: Manifest, *, home: Path, scratch: Path, tell: Progress) -> None:
    size = source.stat().st_size
    with _opened(source) as tar:
        for member in tar:
            if member.name == MANIFEST:
                continue
            path = (home if member.name.startswith(FILES) else scratch) / member.name
            if not _holds(path, promised_sum(member.name, manifest)):
                _write(tar, member, path)
            tell("unpacking", member.offset_data + member.size, size)


def _holds(path: Path, checksum: str) -> bool:
    """Whether this very content lies there already."""
    try:
        with path.open("rb") as file:
            return Hashing(file).drain() == checksum
    except FileNotFoundError:
        return False


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None  # noqa: S101 - checked before
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(content, file, BLOCK)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def _begin_era(url: str, manifest: Manifest) -> None:
    """The restored journal goes on behind its last entry, in a cluster that counts anew."""
    import psycopg

    from rapport.kernel.journal.eras import begin_era

    with psycopg.connect(url) as connection:
        if "journal_entry" in manifest.counts:
            begin_era(connection)
        connection.execute("ANALYZE")


def _place_key(home: Path, key: Path) -> None:
    """Put the saved secret key in place; another one that was there is kept beside it."""
    if not key.exists():
        return
    place = home / KEY
    if place.exists() and place.read_bytes() != key.read_bytes():
        place.replace(place.with_name(KEY + ".before-restore"))
    key.chmod(0o600)
    key.replace(place)


def _compare_counts(url: str, manifest: Manifest, tell: Progress) -> None:
    found = _count(url, tell)
    other = [
        f"{name}: {found.get(name, 0)} instead of {rows}"
        for name, rows in manifest.counts.items()
        if found.get(name, 0) != rows
    ]
    if other:
        raise RestoreFailed(f"the restored counts differ: {'; '.join(other)}")
