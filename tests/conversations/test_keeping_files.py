"""Keeping files: what nobody names goes, and a mail that brings the same content just then keeps its file."""

from __future__ import annotations

import threading
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.conversations.attaching import file_rows
from rapport.conversations.forwarding import forward_message
from rapport.conversations.inbound import InboundFile
from rapport.conversations.keeping_files import DISCARD, LOCK, ContentBusy, discard_content
from rapport.conversations.models import Attachment
from rapport.conversations.noting import write_note
from rapport.conversations.redacting import redact_file
from rapport.conversations.uploading import discard_old_uploads, discard_upload, keep_upload
from rapport.kernel import clock
from rapport.kernel.pg.locking import try_lock_name
from tests.cast import Cast, make_cast
from tests.conversations.racing import on_own_line, wait_for_somebody_who_waits


def upload(cast: Cast, data: bytes = b"passport") -> Attachment:
    return keep_upload(data, name="p.jpg", content_type="image/jpeg", by=cast.ben.actor)


def do_jobs() -> None:
    jobs = ProcrastinateJob.objects.filter(task_name=DISCARD)
    for args in jobs.values_list("args", flat=True):
        discard_content(**args)


@pytest.mark.django_db
def test_uploads_that_nobody_sent_leave_nothing_behind(cast: Cast) -> None:
    old, sent, dropped = upload(cast, b"old"), upload(cast, b"sent"), upload(cast, b"dropped")
    write_note(cast.tent, by=cast.ben.actor, text="", attachments=[sent.pk])
    again = upload(cast, b"sent")
    discard_upload(dropped, by=cast.ben.actor)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert discard_old_uploads() == 2
        fresh = upload(cast, b"fresh")
    do_jobs()
    assert [default_storage.exists(f.stored_name) for f in (old, dropped)] == [False, False]
    assert [default_storage.exists(f.stored_name) for f in (sent, again, fresh)] == [True] * 3


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_brings_what_is_being_taken_out_keeps_its_file() -> None:
    cast = make_cast()
    kept = upload(cast)
    note = write_note(cast.tent, by=cast.ben.actor, text="", attachments=[kept.pk])
    named, looked = threading.Event(), threading.Event()

    def receive() -> None:
        file = InboundFile(
            name="p.jpg",
            content_type="image/jpeg",
            size=8,
            sha256=sha256(b"passport").hexdigest(),
            data=b"passport",
        )
        with transaction.atomic():
            rows = file_rows(cast.tent.last_message_id or 0, [file])
            named.set()
            assert looked.wait(20)
            Attachment.objects.bulk_create(rows)

    mail = threading.Thread(target=on_own_line, args=(receive,))
    mail.start()
    assert named.wait(20)
    redact_file(note.attachments.get(), by=cast.ben.actor)
    with pytest.raises(ContentBusy):
        discard_content(kept.stored_name)
    looked.set()
    mail.join(20)
    assert discard_content(kept.stored_name) is False
    assert default_storage.exists(kept.stored_name)


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_a_file_is_taken_away_writes_it_again() -> None:
    cast = make_cast()
    gone = upload(cast)
    with transaction.atomic(), connection.cursor() as cursor:
        assert try_lock_name(cursor, LOCK, gone.stored_name)
        Attachment.objects.all().delete()
        comes = threading.Thread(target=on_own_line, args=(lambda: upload(cast),))
        comes.start()
        wait_for_somebody_who_waits()
        default_storage.delete(gone.stored_name)
    comes.join(20)
    assert default_storage.exists(Attachment.objects.get().stored_name)


@pytest.mark.django_db
def test_a_forward_and_its_original_share_a_file_until_both_lost_it(cast: Cast) -> None:
    first = write_note(cast.tent, by=cast.ben.actor, text="", attachments=[upload(cast).pk])
    sent = forward_message(first, to=["mill@example.com"], by=cast.ben.actor)
    name = first.attachments.get().stored_name
    for message, is_there in ((first, True), (sent, False)):
        redact_file(message.attachments.get(), by=cast.ben.actor)
        do_jobs()
        assert default_storage.exists(name) is is_there
