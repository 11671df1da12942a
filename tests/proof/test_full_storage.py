"""There is no room for files: nobody is told yes, arrivals wait, and all goes on when there is room."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.channels.models import Envelope
from rapport.channels.receiving import receive_batch
from rapport.conversations.models import Attachment, Message
from tests.cast import Cast
from tests.channels.mails import mail, put
from tests.edge.test_mounting import ask, say_hello
from tests.kernel.pg.conftest import as_root
from tests.proof.test_access import browser_of, program_of
from tests.proof.test_bad_mails import mixed

pytestmark = [pytest.mark.django_db, as_root]
LARGE = bytes(3_000_000)


@pytest.fixture
def disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """One megabyte for files."""
    disk = tmp_path / "files"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "rapport-test", str(disk)]
    if subprocess.run(words, check=False).returncode != 0:
        pytest.skip("this root may not mount")
    files = {**settings.STORAGES["default"], "OPTIONS": {"location": str(disk), "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "default": files}
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("film.mp4", LARGE, "video/mp4")


def test_an_upload_is_refused_and_leaves_nothing(cast: Cast, disk: Path) -> None:
    answer = program_of(cast.ada).post("/api/v1/attachments", {"file": file()})
    assert (answer.status_code, answer.json()["code"]) == (503, "no_space")
    assert answer["Retry-After"]
    path = f"/inbox/conversations/{cast.tent.ref}/messages"
    form = {"kind": "note", "text": "See this", "client_key": "a", "files": file()}
    page = browser_of(cast.ada).post(path, form)
    assert page.status_code == 503
    assert answer["X-Request-Id"] != page["X-Request-Id"]
    assert page["X-Request-Id"] in page.content.decode()
    assert not Attachment.objects.exists()
    assert not Message.objects.filter(text="See this").exists()
    assert [one for one in disk.rglob("*") if one.is_file()] == []


def test_a_form_that_finds_no_room_on_its_way_is_refused_with_its_id(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    signed_in = ((b"cookie", b"rapport_session=ben"),)
    head, body = ask(say_hello, body=(bytes(400_000),) * 5, method="POST", headers=signed_in)
    told = json.loads(body["body"])
    assert (head["status"], told["status"], len(told["request_id"]) > 8) == (503, 503, True)
    assert (b"retry-after", b"2") in head["headers"]
    assert [one for one in disk.rglob("*") if one.is_file()] == []


def test_a_mail_with_a_file_waits_until_there_is_room(cast: Cast, disk: Path) -> None:
    head = b"Content-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    put(cast.mail, mixed(head + LARGE))
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            receive_batch()
    assert Envelope.objects.get().state == "waiting"
    subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
    put(cast.mail, mail(text="The next one"))
    while receive_batch():
        pass
    assert set(Envelope.objects.values_list("state", flat=True)) == {"done"}
    assert Attachment.objects.get().size == len(LARGE)
