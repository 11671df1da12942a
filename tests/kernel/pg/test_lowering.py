"""Root puts its rights down for PostgreSQL, also where the service account cannot walk."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rapport.kernel.pg.faults import ProgramsMissing
from rapport.kernel.pg.finding import WHEEL, find_program, find_programs
from rapport.kernel.pg.launching import launch, name_folder
from rapport.kernel.pg.lending import lend_programs
from rapport.kernel.pg.lowering import Account, can_traverse, choose_account
from rapport.kernel.pg.supervising import EmbeddedServer
from tests.kernel.pg.conftest import ROOT, SUPERVISE, as_root, ask


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder like root's home: nobody else may enter."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


@as_root
def test_root_serves_a_folder_that_the_account_cannot_walk_to(
    made_home: Path, closed: Path
) -> None:
    before = {each: each.stat().st_mode for each in (closed, *closed.parents)}
    shutil.copytree(made_home / "postgres" / "data", closed / "postgres" / "data")
    with EmbeddedServer(closed, may_create_account=False) as server:
        account = choose_account(server.places.data)
        assert not can_traverse(server.places.folder, account)
        assert name_folder(server.places.data, account) == "/proc/self/cwd"
        told = ["ps", "-o", "uid=", "-p", str(server.pid)]
        assert int(subprocess.check_output(told)) == account.uid != 0
        assert ask(server.url, "select 1") == [(1,)]
    assert {each: each.stat().st_mode for each in before} == before


@as_root
def test_binaries_in_a_closed_folder_are_lent(
    closed: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = find_programs().parents[2]
    for name in (f"{WHEEL}/pginstall18", f"{WHEEL}.libs"):
        shutil.copytree(site / name, closed / name, ignore=shutil.ignore_patterns("*.a", "include"))
    (closed / WHEEL / "__init__.py").write_text("raise SystemExit('never imported')")
    monkeypatch.syspath_prepend(closed)
    (closed / WHEEL / "pginstall18" / "lib" / "libpq.5.dylib").touch()  # as macOS has it
    account = choose_account(closed / "none", may_create=False)
    shelf = Path("/var/tmp") / f"rapport-shelf-{os.getpid()}"
    try:
        programs = lend_programs(account, shelf=shelf)
        assert programs.is_relative_to(shelf)
        assert lend_programs(account, shelf=shelf) == programs
        assert (programs.parent / "lib" / "libpq.5.dylib").exists()
        process = launch(programs / "initdb", ["--version"], account=account, folder=closed)
        assert process.communicate()[0].startswith(b"initdb (PostgreSQL) 18")
    finally:
        shutil.rmtree(shelf)


@as_root
def test_an_ordinary_user_needs_no_account_and_no_root(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    person = pwd.getpwnam("nobody")
    site = public_site()
    python = python_for(person.pw_uid, site)
    home = Path("/var/tmp") / f"rapport-nobody-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, person.pw_uid, person.pw_gid)
    words = SUPERVISE.replace("time.sleep(600)", "server.stop()")
    try:
        done = subprocess.run(
            [python, "-c", words, str(home)],
            user=person.pw_uid,
            group=person.pw_gid,
            extra_groups=[],
            env={"PYTHONPATH": str(site), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        assert done.stdout.startswith("postgresql://rapport@/rapport?host=")
        assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(home)
        shutil.rmtree(site)


def test_ways_are_judged_by_owner_group_and_mode(closed: Path) -> None:
    owner = Account(closed.stat().st_uid, closed.stat().st_gid, "owner", lowered=True)
    stranger = Account(123456, 123456, "stranger", lowered=True)
    assert can_traverse(Path("/"), stranger)
    assert not can_traverse(closed, stranger)
    assert not can_traverse(closed / "missing", owner)


def test_missing_binaries_name_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [each for each in sys.path if not (Path(each) / WHEEL).is_dir()]
    monkeypatch.setattr(sys, "path", kept)
    with pytest.raises(ProgramsMissing, match="Set DATABASE_URL"):
        find_programs()
    with pytest.raises(ProgramsMissing, match="neither in the wheel"):
        find_program("pg_of_nobody")


def public_site() -> Path:
    """The package and the binaries where everybody may read them: the clone can lie in a closed folder."""
    public = Path(tempfile.mkdtemp(prefix="rapport-site-", dir="/var/tmp"))
    public.chmod(0o755)
    shutil.copytree(ROOT / "rapport", public / "rapport")
    wheel = find_programs().parents[2]
    for name in (WHEEL, f"{WHEEL}.libs"):
        if (wheel / name).is_dir():
            shutil.copytree(wheel / name, public / name, ignore=shutil.ignore_patterns("*.a"))
    return public


def python_for(uid: int, site: Path) -> str:
    """An interpreter that this user may run: ours can lie in root's home."""
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            subprocess.run(
                [python, "-c", "import sys; assert sys.version_info >= (3, 11); import rapport"],
                user=uid,
                group=uid,
                extra_groups=[],
                env={"PYTHONPATH": str(site)},
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("no interpreter and clone that an ordinary user may read")
