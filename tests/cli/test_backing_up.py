"""A backup is one whole file, private, or nothing at all."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from rapport.cli.archive import BackupFailed
from rapport.cli.backing_up import back_up
from rapport.cli.restoring import check_backup, restore_backup
from rapport.kernel.pg.trying import name_database
from tests.kernel.pg.conftest import ROOT, as_root, ask, wait_until


@pytest.fixture
def letters(fresh_database: str) -> str:
    """A database of a thousand letters."""
    ask(fresh_database, "create table letter as select generate_series(1, 1000) as number")
    return fresh_database


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(
    letters: str, tmp_path: Path
) -> None:
    told = back_up(letters, tmp_path / "a backup.tar", home=tmp_path / "none")
    assert told.counts == {"letter": 1000}
    assert [path.name for path in tmp_path.iterdir()] == ["a backup.tar"]
    assert (tmp_path / "a backup.tar").stat().st_mode & 0o777 == 0o600
    assert check_backup(tmp_path / "a backup.tar") == told


def test_an_existing_file_is_kept_unless_told_otherwise(letters: str, tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("precious")
    with pytest.raises(BackupFailed, match="exists"):
        back_up(letters, tmp_path / "thesis", home=tmp_path)
    assert (tmp_path / "thesis").read_text() == "precious"
    back_up(letters, tmp_path / "thesis", home=tmp_path / "none", overwrite=True)
    check_backup(tmp_path / "thesis")


def test_a_failed_backup_leaves_the_older_one(letters: str, tmp_path: Path) -> None:
    back_up(letters, tmp_path / "kept", home=tmp_path / "none")
    content = (tmp_path / "kept").read_bytes()
    away = name_database(letters, "nowhere")
    with pytest.raises(BackupFailed, match="does not exist"):
        back_up(away, tmp_path / "kept", home=tmp_path / "none", overwrite=True)
    assert (tmp_path / "kept").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_killed_backup_is_no_obstacle_for_the_next(letters: str, tmp_path: Path) -> None:
    words = (
        "import sys, time; from pathlib import Path; from rapport.cli.backing_up import back_up\n"
        "def tell(what, *_):\n    print(what, flush=True); time.sleep(60)\n"
        "back_up(sys.argv[1], Path(sys.argv[2]), home=Path(), with_files=False, on_progress=tell)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", words, letters, str(tmp_path / "kept")],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
    assert not (tmp_path / "kept").exists()
    back_up(letters, tmp_path / "kept", home=tmp_path / "none")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_two_backups_to_one_file_do_not_meet(letters: str, tmp_path: Path) -> None:
    with (tmp_path / ".kept.partial").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BackupFailed, match="another backup"):
            back_up(letters, tmp_path / "kept", home=tmp_path / "none")


def test_a_damaged_attachment_is_told_and_kept_as_it_is(letters: str, tmp_path: Path) -> None:
    name = "ab" * 32
    (tmp_path / "home" / "files" / "ab" / "ab").mkdir(parents=True)
    (tmp_path / "home" / "files" / "ab" / "ab" / name).write_bytes(b"bit rot")
    (tmp_path / "home" / "files" / "ab" / "ab" / ".new-1").write_bytes(b"half written")
    told = back_up(letters, tmp_path / "kept", home=tmp_path / "home")
    assert told.damaged == [f"files/ab/ab/{name}"]
    ask(letters, "drop table letter")
    restore_backup(letters, tmp_path / "kept", home=tmp_path / "new")
    assert (tmp_path / "new" / "files" / "ab" / "ab" / name).read_bytes() == b"bit rot"


@as_root
def test_a_full_disk_leaves_no_half_backup(letters: str, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    size = ["mount", "-t", "tmpfs", "-o", "size=1m", "rapport-test", tmp_path / "disk"]
    if subprocess.run(size, check=False).returncode != 0:
        pytest.skip("this root may not mount")
    try:
        (tmp_path / "home" / "files").mkdir(parents=True)
        (tmp_path / "home" / "files" / "big").write_bytes(os.urandom(2_000_000))
        with pytest.raises(BackupFailed, match="No space left"):
            back_up(letters, tmp_path / "disk" / "kept", home=tmp_path / "home")
        assert list((tmp_path / "disk").iterdir()) == []
    finally:
        subprocess.run(["umount", tmp_path / "disk"], check=True)


def test_backing_up_holds_nobody_up(letters: str, tmp_path: Path) -> None:
    with psycopg.connect(letters) as busy:
        busy.execute("insert into letter values (1001)")
        told = back_up(letters, tmp_path / "kept", home=tmp_path / "none")
        busy.execute("insert into letter values (1002)")
    assert told.counts == {"letter": 1000}
    wait_until(lambda: ask(letters, "select count(*) from letter") == [(1002,)])
