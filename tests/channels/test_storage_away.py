"""While files cannot be kept no mail is parked for it and none is lost: it waits."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import File
from django.core.files.storage import Storage

from rapport.channels.email.arriving import arrival_of
from rapport.channels.enveloping import store_envelopes
from rapport.channels.models import Channel, Envelope
from rapport.channels.receiving import receive_batch
from rapport.conversations.models import Attachment, Message
from rapport.kernel.storage import open_file

MAIL = b"""From: Dora <dora@mail.example>
Subject: Tent
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

It leaks.
--x
Content-Type: application/pdf
Content-Disposition: attachment; filename=seam.pdf

%PDF-1.4 seam
--x--
"""


class NoAnswer(Exception):
    """As the libraries of remote storages say it: no OSError."""


class RemoteStorage(Storage):
    """A storage somewhere else, which answers or does not."""

    is_away = False
    files: dict[str, bytes] = {}

    def exists(self, name: str) -> bool:
        if self.is_away:
            raise NoAnswer
        return name in self.files

    def _save(self, name: str, content: File[Any]) -> str:
        self.files[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> Any:
        raise NoAnswer


@pytest.fixture
def remote(settings: Any) -> type[RemoteStorage]:
    backend = f"{RemoteStorage.__module__}.{RemoteStorage.__qualname__}"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend}}
    RemoteStorage.files, RemoteStorage.is_away = {}, True
    return RemoteStorage


def test_mail_waits_while_the_storage_is_away(database: str, remote: type[RemoteStorage]) -> None:
    channel = Channel.objects.create(kind="email", name="Help", address="help@maple.example")
    store_envelopes(channel.pk, [arrival_of(channel.pk, MAIL)], door="hook")
    for _ in range(2):
        with pytest.raises(OSError, match="NoAnswer"):
            receive_batch()
    assert Envelope.objects.get().state == "waiting"
    assert not Message.objects.exists()
    remote.is_away = False
    assert receive_batch() == 1
    kept = Attachment.objects.get()
    assert remote.files[kept.stored_name].startswith(b"%PDF")
    with pytest.raises(OSError, match="NoAnswer"):
        open_file(kept.stored_name)
