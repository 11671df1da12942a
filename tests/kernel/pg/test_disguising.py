"""A user whom no list of users knows, as in a container, has a database all the same, or is told why not."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rapport.kernel.pg.disguising import find_guise
from rapport.kernel.pg.lowering import BECOMING
from tests.kernel.pg.conftest import SUPERVISE, as_root
from tests.kernel.pg.test_lowering import public_site, python_for

UNKNOWN = 123_456
WORDS = SUPERVISE.replace("time.sleep(600)", "server.stop()")
Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start and stop a server as the unknown user, in a folder of its own; `PATH` may be another one."""
    site = public_site()
    python = python_for(UNKNOWN, site)
    home = Path("/var/tmp") / f"rapport-unknown-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, UNKNOWN, UNKNOWN)

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-c", WORDS, str(home)],
            user=UNKNOWN,
            group=UNKNOWN,
            extra_groups=[],
            env={"PYTHONPATH": str(site), "PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    try:
        yield run
    finally:
        shutil.rmtree(home)
        shutil.rmtree(site)


@as_root
def test_a_user_without_a_name_makes_and_reopens_a_database(start: Start) -> None:
    if find_guise(BECOMING) is None:
        pytest.skip("this system allows no user namespaces")
    for _ in range(2):
        done = start()
        assert done.stderr == ""
        assert done.stdout.startswith("postgresql://rapport@/rapport?host=")


@as_root
def test_where_no_guise_is_allowed_the_error_names_the_fix(start: Start) -> None:
    done = start(PATH="/nowhere")
    assert f"user {UNKNOWN} has none in /etc/passwd" in done.stderr
    assert f"useradd --uid {UNKNOWN} rapport" in done.stderr
    assert "DATABASE_URL" in done.stderr


def test_in_a_guise_the_files_stay_those_of_the_real_user(tmp_path: Path) -> None:
    known = find_guise(BECOMING)
    if known is None:
        pytest.skip("this system allows no user namespaces")
    head = ["python3", "-I", "-S", str(BECOMING), str(os.getpid()), "0", "-1", "-1"]
    words = [f"{known.pw_uid}:{known.pw_gid}", "/bin/sh", "-c", f"id -u; touch {tmp_path}/made"]
    told = subprocess.run([*head, *words], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(known.pw_uid)
    assert (tmp_path / "made").stat().st_uid == os.geteuid()
