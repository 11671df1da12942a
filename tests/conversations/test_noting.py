"""Noting: for us alone, once, and the files that wait for words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from rapport.conversations.access import NotAllowed
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.conversations.noting import EmptyMessage, write_note
from rapport.conversations.uploading import (
    UploadTooLarge,
    discard_old_uploads,
    discard_upload,
    keep_upload,
    waiting_uploads,
)
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.storage import open_file
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of
from tests.conversations.racing import race
from tests.makers import make_agent


@pytest.mark.django_db(transaction=True)
def test_a_note_sent_twice_at_once_is_one_note() -> None:
    cast = make_cast()

    def write() -> Message:
        tent = Conversation.objects.get(pk=cast.tent.pk)
        return write_note(tent, by=cast.ben.actor, text="Ask Cy", client_key="n")

    assert len({note.pk for note in race(write, write)}) == 1
    assert kinds_of(cast.tent) == ["note_written"]


def test_a_note_is_no_answer_and_not_what_the_list_shows(cast: Cast) -> None:
    waiting, preview = cast.tent.waiting_since, cast.tent.preview
    note = write_note(cast.tent, by=cast.ben.actor, text="She is a regular")
    assert (cast.tent.waiting_since, cast.tent.preview) == (waiting, preview)
    assert cast.tent.last_message_at == note.sent_at
    assert note.author_name == "Ben"


def test_an_empty_note_and_a_viewers_note_are_refused(cast: Cast) -> None:
    with pytest.raises(EmptyMessage):
        write_note(cast.tent, by=cast.ben.actor, text=" ")
    viewer = make_agent("Val", role="viewer", team=cast.support)
    for agent in (viewer, cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            write_note(cast.tent, by=agent.actor, text="Hi")


def test_a_note_may_be_a_file_alone(cast: Cast) -> None:
    upload = keep_upload(b"PDF", name="a.pdf", content_type="application/pdf", by=cast.ben.actor)
    note = write_note(cast.tent, by=cast.ben.actor, text="", attachments=[upload.pk])
    with open_file(note.attachments.get().stored_name) as file:
        assert file.read() == b"PDF"
    assert waiting_uploads(cast.ben) == []


def test_a_discarded_upload_is_gone_but_never_one_that_went_along(cast: Cast) -> None:
    kept, dropped = (
        keep_upload(b"x", name="x", content_type="", by=cast.ben.actor) for _ in range(2)
    )
    write_note(cast.tent, by=cast.ben.actor, text="", attachments=[kept.pk])
    for upload in (kept, dropped):
        discard_upload(upload, by=cast.ben.actor)
    assert list(Attachment.objects.all()) == [kept]


def test_somebody_elses_upload_is_not_discarded(cast: Cast) -> None:
    upload = keep_upload(b"x", name="x", content_type="", by=cast.ben.actor)
    discard_upload(upload, by=cast.ada.actor)
    assert waiting_uploads(cast.ben) == [upload]


def test_uploads_that_nobody_sent_go_after_a_week(cast: Cast) -> None:
    keep_upload(b"x", name="x", content_type="", by=cast.ben.actor)
    assert discard_old_uploads() == 0
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert discard_old_uploads() == 1


def test_an_upload_over_the_limit_or_by_zoe_is_refused(cast: Cast) -> None:
    with pytest.raises(UploadTooLarge):
        keep_upload(
            b"x" * (config().max_attachment_bytes + 1),
            name="x",
            content_type="",
            by=cast.ben.actor,
        )
    with pytest.raises(NotAllowed):
        keep_upload(b"x", name="x", content_type="", by=cast.zoe.actor)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\fakepath\\zdjęcie.png", "zdjęcie.png"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nX-Evil: 1.txt", "aX-Evil: 1.txt"),
        ("", "file"),
        ("退款.pdf", "退款.pdf"),
    ],
)
def test_a_file_is_known_by_a_name_that_is_safe(cast: Cast, given: str, shown: str) -> None:
    assert keep_upload(b"x", name=given, content_type="", by=cast.ben.actor).name == shown
