"""Uploading: files wait with their uploader until the message goes that they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.access import check_may_start
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Attachment, Message
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from rapport.kernel.config import config
from rapport.kernel.storage import store_file


class UploadTooLarge(Refusal):
    """A file over the deployment's limit."""

    message = _("This file is too large to be sent.")


class UploadGone(Refusal):
    """A file that was to go along is not (or no longer) the writer's to send."""

    message = _("One of the files is no longer there. Attach it again.")


def keep_upload(data: bytes, *, name: str, content_type: str, by: Actor) -> Attachment:
    """Keep a file for a message that `by` (an agent) is writing. Raises UploadTooLarge, OSError."""
    agent = check_may_start(by)
    if len(data) > config().max_attachment_bytes:
        raise UploadTooLarge
    sha256 = hashlib.sha256(data).hexdigest()
    return Attachment.objects.create(
        uploaded_by=agent,
        name=shown_name(name),
        content_type=content_type[:200] or "application/octet-stream",
        size=len(data),
        sha256=sha256,
        stored_name=store_file(data, sha256=sha256),
    )


def discard_upload(upload: Attachment, *, by: Actor) -> None:
    """Drop a file that waits with its uploader; once it went with a message this does nothing."""
    Attachment.objects.filter(pk=upload.pk, message=None, uploaded_by=by.id or 0).delete()


def discard_old_uploads(*, days: int = 7) -> int:
    """Drop files that nobody sent; returns how many. A job calls it."""
    before = clock.now() - timedelta(days=days)
    return Attachment.objects.filter(message=None, created_at__lt=before).delete()[0]


def waiting_uploads(agent: Agent) -> Sequence[Attachment]:
    """The files that wait with this agent."""
    return list(Attachment.objects.filter(message=None, uploaded_by=agent).order_by("pk"))


def attach_uploads(message: Message, uploads: Sequence[int], *, by: Actor) -> None:
    """Tie waiting files to their message, within its commit; raises UploadGone unless all are there."""
    wanted = set(uploads)
    if not wanted:
        return
    waiting = Attachment.objects.filter(pk__in=wanted, message=None)
    if by.kind == "agent":
        waiting = waiting.filter(uploaded_by=by.id)
    if waiting.update(message=message, uploaded_by=None) != len(wanted):
        raise UploadGone


def copy_attachments(
    source: Message, *, onto: Message | None, by: Actor, without: Sequence[int] = ()
) -> list[Attachment]:
    """The same stored files once more, on another message or waiting with the agent `by`."""
    copies = [
        Attachment(
            message=onto,
            uploaded_by_id=None if onto else by.id,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            stored_name=file.stored_name,
            content_id=file.content_id,
            is_inline=file.is_inline,
        )
        for file in source.attachments.exclude(stored_name="")
        .exclude(pk__in=without)
        .order_by("pk")
    ]
    return Attachment.objects.bulk_create(copies)


def shown_name(name: str) -> str:
    """A file name that is safe to show and to put into a header: no folders, no control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:200] or "file"
