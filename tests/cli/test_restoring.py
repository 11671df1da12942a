"""A backup taken while running becomes the same deployment elsewhere, or is refused by name."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import uuid
from pathlib import Path

import psycopg
import pytest

from rapport.cli.archive import Manifest, RestoreFailed
from rapport.cli.backing_up import back_up
from rapport.cli.restoring import check_backup, restore_backup
from rapport.kernel.pg.trying import create_database, drop_database
from tests.cast import Cast
from tests.kernel.pg.conftest import ROOT, ask, wait_until

LETTERS = [b"%PDF-1.4 receipt", "收據".encode(), b"", b"x" * 3_000_000]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with four attachments and its secret key."""
    for content in LETTERS:
        _keep(tmp_path / "home", content)
    (tmp_path / "home" / "secret.key").write_text("k" * 64)
    return tmp_path / "home"


@pytest.fixture
def saved(database: str, cast: Cast, home: Path, tmp_path: Path) -> Path:
    """A backup of the cast's world."""
    back_up(database, tmp_path / "maple.tar", home=home)
    return tmp_path / "maple.tar"


@pytest.fixture(scope="module")
def small_backup(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a backup of one letter and the attachments."""
    folder = tmp_path_factory.mktemp("small")
    for content in LETTERS:
        _keep(folder / "home", content)
    url = create_database(postgres_url, f"test_small_{uuid.uuid4().hex[:12]}")
    ask(url, "create table letter as select 1 as number")
    back_up(url, folder / "small.tar", home=folder / "home")
    drop_database(postgres_url, url.rpartition("/")[2].partition("?")[0])
    return (folder / "small.tar").read_bytes()


@pytest.fixture
def small(small_backup: bytes, tmp_path: Path) -> Path:
    """That backup as a file of the test's own."""
    (tmp_path / "small.tar").write_bytes(small_backup)
    return tmp_path / "small.tar"


def test_a_restore_on_an_empty_machine_gives_the_same_counts_files_and_key(
    database: str, fresh_database: str, saved: Path, home: Path, tmp_path: Path
) -> None:
    steps: list[str] = []
    told = restore_backup(
        fresh_database,
        saved,
        home=tmp_path / "new home",
        on_progress=lambda what, *_: steps.append(what.split()[0]),
    )
    assert told.counts["conversations_conversation"] >= 1
    assert _letters(fresh_database) == _letters(database)
    assert _content(tmp_path / "new home") == _content(home)
    assert (tmp_path / "new home" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert set(steps) == {"checking", "unpacking", "loading", "counting"}


def test_the_journal_goes_on_behind_its_restored_end(
    database: str, fresh_database: str, saved: Path, tmp_path: Path
) -> None:
    restore_backup(fresh_database, saved, home=tmp_path / "new")
    words = "select era from journal_entry order by era, xid, id"
    old = ask(fresh_database, words)
    ask(
        fresh_database,
        "insert into journal_entry (kind, subject_kind, subject_id, streams, by_kind, by_name, at,"
        " recorded_at, details) values ('test', '', 1, '', 'system', '', now(), now(), '{}')",
    )
    assert ask(fresh_database, words)[-1][0] == (old[-1][0] if old else 0) + 1


def test_a_backup_is_taken_while_letters_keep_coming(
    database: str, fresh_database: str, cast: Cast, home: Path, tmp_path: Path
) -> None:
    ending = threading.Event()

    def write() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            while not ending.is_set():
                content = os.urandom(20)
                _keep(home, content)
                name = hashlib.sha256(content).hexdigest()
                connection.execute("insert into coming values (%s)", [name])

    ask(database, "create table coming (name text)")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: ask(database, "select count(*) > 20 from coming") == [(True,)])
        back_up(database, tmp_path / "busy.tar", home=home)
    finally:
        ending.set()
        writer.join()
        ask(database, "drop table coming")
    restore_backup(fresh_database, tmp_path / "busy.tar", home=tmp_path / "new")
    named = [row[0] for row in ask(fresh_database, "select name from coming")]
    assert len(named) > 20
    for name in named:
        assert (tmp_path / "new" / "files" / name[:2] / name[2:4] / str(name)).is_file()


def test_a_database_that_holds_something_is_refused_unless_forced(
    fresh_database: str, saved: Path, home: Path, tmp_path: Path
) -> None:
    restore_backup(fresh_database, saved, home=home)
    ask(fresh_database, "update accounts_agent set name = 'changed since'")
    with pytest.raises(RestoreFailed, match=r"not empty: .*--force"):
        restore_backup(fresh_database, saved, home=home)
    assert ask(fresh_database, "select distinct name from accounts_agent") == [("changed since",)]
    (home / "secret.key").write_text("another")
    restore_backup(fresh_database, saved, home=home, force=True)
    assert ("changed since",) not in ask(fresh_database, "select name from accounts_agent")
    assert (home / "secret.key").read_text() == "k" * 64
    assert (home / "secret.key.before-restore").read_text() == "another"


def test_a_fresh_installation_counts_as_empty(
    database: str, fresh_database: str, saved: Path, home: Path
) -> None:
    ask(fresh_database, "create table django_migrations as select 'x' as app")
    restore_backup(fresh_database, saved, home=home)
    assert _letters(fresh_database) == _letters(database)


def test_a_restore_killed_in_the_middle_is_finished_by_the_same_command(
    database: str, fresh_database: str, saved: Path, tmp_path: Path
) -> None:
    words = (
        "import sys; from pathlib import Path; from rapport.cli.restoring import restore_backup\n"
        "def tell(what, *_):\n    print(what, flush=True)\n"
        "restore_backup(sys.argv[1], Path(sys.argv[2]), home=Path(sys.argv[3]), on_progress=tell)"
    )
    command = [sys.executable, "-c", words, fresh_database, str(saved), str(tmp_path / "new")]
    for step in ("checking", "unpacking", "loading", "counting"):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
        ) as killed:
            assert killed.stdout is not None
            assert any(line.startswith(step) for line in killed.stdout)
            killed.send_signal(signal.SIGKILL)
    restore_backup(fresh_database, saved, home=tmp_path / "new")
    assert _letters(fresh_database) == _letters(database)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_cut_backup_is_refused_before_anything_changes(
    fresh_database: str, small: Path, tmp_path: Path, share: float
) -> None:
    content = small.read_bytes().rstrip(b"\0")
    small.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RestoreFailed):
        restore_backup(fresh_database, small, home=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_changed_byte_is_noticed_and_named(small: Path) -> None:
    content = small.read_bytes()
    at = content.index(b"x" * 1000)
    small.write_bytes(content[:at] + b"y" + content[at + 1 :])
    with pytest.raises(RestoreFailed, match="damaged: files/"):
        check_backup(small)


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "files/../../evil", "files/.new-x"])
def test_a_backup_that_reaches_elsewhere_is_refused(
    fresh_database: str, small: Path, tmp_path: Path, name: str
) -> None:
    with tarfile.open(small, "a") as tar:
        member = tarfile.TarInfo(name)
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(RestoreFailed, match="no backup of Rapport"):
        restore_backup(fresh_database, small, home=tmp_path / "new")


def test_a_backup_of_a_newer_release_is_refused_by_name(
    fresh_database: str, small: Path, tmp_path: Path
) -> None:
    with tarfile.open(small) as tar:
        file = tar.extractfile("manifest.json")
        assert file is not None
        told = json.loads(file.read())
    told |= {"version": "99.0", "migrations": [["conversations", "0099_from_the_future"]]}
    with tarfile.open(small, "a") as tar:
        content = Manifest(**told).to_json()
        member = tarfile.TarInfo("manifest.json")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    with pytest.raises(RestoreFailed, match=r"Rapport 99\.0, which is newer"):
        restore_backup(fresh_database, small, home=tmp_path / "new")


def _keep(home: Path, content: bytes) -> None:
    name = hashlib.sha256(content).hexdigest()
    path = home / "files" / name[:2] / name[2:4] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _content(home: Path) -> dict[str, bytes]:
    found = (path for path in home.rglob("*") if path.is_file())
    return {str(path.relative_to(home)): path.read_bytes() for path in found}


def _letters(url: str) -> list[list[tuple[object, ...]]]:
    tables = ("accounts_agent", "conversations_conversation", "conversations_message")
    return [ask(url, f"select * from {name} order by id") for name in tables]
