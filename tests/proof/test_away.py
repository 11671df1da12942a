"""The database is away, or its disk is full: nobody is told yes, nobody sees a traceback, and it heals."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from tests.kernel.pg.conftest import as_root
from tests.proof.conftest import Desk, Furniture
from tests.proof.flows import Patient, customer_mail
from tests.proof.ledger import await_quiet, check_what_came_in
from tests.proof.stand import Stand

MAIL = {"content-type": "message/rfc822"}
CUSTOMER = 9_000
KEPT = "SELECT encode(sha256(raw), 'hex') FROM channels_envelope"


def pipe(stand: Stand, raw: bytes) -> tuple[int, str]:
    """`rapport channel receive email` on the stand's database: its code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "rapport", "channel", "receive", "email"],
        input=raw,
        capture_output=True,
        check=False,
        env={**os.environ, "DATABASE_URL": stand.database_url},
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def check_refusal(stand: Stand, answer: httpx.Response) -> None:
    """503, come again, an id that finds a line of the log, and nothing of our inside."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]
    assert "Traceback" not in answer.text
    assert "psycopg" not in answer.text
    number = answer.headers["x-request-id"]
    assert number in answer.text
    assert number in stand.parts["edge"].log.read_text()


@pytest.mark.timeout(200)
def test_while_the_database_is_away_every_door_says_so_and_then_goes_on(desk: Desk) -> None:
    stand = desk.stand
    session = {"cookie": f"{settings.SESSION_COOKIE_NAME}={'a' * 32}"}
    program = {"authorization": f"Bearer {desk.token}"}
    stand.server.stop()
    try:
        with httpx.Client(base_url=stand.url, timeout=30) as http:
            check_refusal(
                stand, http.post(desk.hook, content=customer_mail(CUSTOMER, 0), headers=MAIL)
            )
            check_refusal(stand, http.get("/api/v1/messages", headers=program))
            check_refusal(stand, http.get("/inbox/open", headers=session))
            until = time.monotonic() + 15
            while http.get("/readyz").status_code != 503:  # the edge looks once a second
                assert time.monotonic() < until
                time.sleep(0.1)
            assert http.get("/healthz").status_code == 200
        code, said = pipe(stand, customer_mail(CUSTOMER, 0))
        assert (code, "Traceback" in said) == (75, False)
    finally:
        assert stand.server.start() == stand.database_url
    sender = Patient(stand.url, 1e12, **MAIL)
    for number in range(2):
        assert sender.post(desk.hook, content=customer_mail(CUSTOMER, number)).status_code == 202
    sender.close()
    await_quiet(stand)
    check_what_came_in(stand, {CUSTOMER: 2})


@pytest.fixture
def small_stand(furniture: Furniture, tmp_path: Path) -> Iterator[Stand]:
    """An edge alone, on a database whose disk has 160 megabytes."""
    tmp_path.chmod(0o711)
    disk = tmp_path / "desk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=160m", "rapport-test", str(disk)]
    if subprocess.run(words, check=False).returncode != 0:
        pytest.skip("this root may not mount")
    stand = None
    try:
        stand = Stand(tmp_path, furniture.dump, RAPPORT_HOME=str(disk / "home"))
        stand.start(workers=0)
        yield stand
    finally:
        if stand:
            stand.close()
        subprocess.run(["umount", str(disk)], check=True)


@as_root
@pytest.mark.timeout(200)
def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_kept(
    small_stand: Stand, furniture: Furniture
) -> None:
    stand, ballast = small_stand, small_stand.folder / "desk" / "ballast"
    raws = [b"X: %d\r\n\r\n" % n + os.urandom(400_000) for n in range(120)]
    kept = []
    with httpx.Client(base_url=stand.url, timeout=30) as http:
        _fill(ballast)
        for raw in raws:
            answer = http.post(furniture.hook, content=raw, headers=MAIL)
            if answer.status_code != 202:
                break
            kept.append(_name(raw))
        assert kept
        check_refusal(stand, answer)
        code, said = pipe(stand, raws[-1])
        assert (code, "Traceback" in said) == (75, False)
        file = {"file": ("film.mp4", os.urandom(9_000_000), "video/mp4")}
        program = {"authorization": f"Bearer {furniture.token}"}
        check_refusal(stand, http.post("/api/v1/attachments", files=file, headers=program))
    ballast.unlink()
    sender = Patient(stand.url, 1e12, **MAIL)
    assert sender.post(furniture.hook, content=raws[len(kept)]).status_code in (200, 202)
    sender.close()
    assert sorted(name for (name,) in stand.ask(KEPT)) == sorted([*kept, _name(raws[len(kept)])])


def _name(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _fill(ballast: Path) -> None:
    """Leave no more than four megabytes."""
    try:
        with ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65_536)
    except OSError:
        os.truncate(ballast, ballast.stat().st_size - 4_000_000)
