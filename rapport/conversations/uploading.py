"""Uploading: files wait with their uploader until the message goes that they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.access import check_may_start
from rapport.conversations.keeping_files import defer_discarding, keep_content, share_contents
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Attachment, Message
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from rapport.kernel.config import config

#: Rows that are dropped in one transaction.
AT_ONCE = 500


class UploadTooLarge(Refusal):
    """A file over the deployment's limit."""

    message = _("This file is too large to be sent.")


class UploadGone(Refusal):
    """A file that was to go along is not (or no longer) the writer's to send."""

    message = _("One of the files is no longer there. Attach it again.")


def keep_upload(
    data: bytes, *, name: str, content_type: str, by: Actor, content_id: str = ""
) -> Attachment:
    """Keep a file for a message that `by` (an agent) is writing. Raises UploadTooLarge, OSError.

    `content_id` names the place of a picture in the words: `![…](cid:…)`.
    """
    agent = check_may_start(by)
    if len(data) > config().max_attachment_bytes:
        raise UploadTooLarge
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        return Attachment.objects.create(
            uploaded_by=agent,
            name=shown_name(name),
            content_type=content_type[:200] or "application/octet-stream",
            size=len(data),
            sha256=sha256,
            stored_name=keep_content(data, sha256=sha256),
            content_id=content_id,
        )


def discard_upload(upload: Attachment, *, by: Actor) -> None:
    """Drop a file that waits with its uploader; once it went with a message this does nothing."""
    _discard(Attachment.objects.filter(pk=upload.pk, message=None, uploaded_by=by.id or 0))


def discard_old_uploads(*, days: int = 7) -> int:
    """Drop files that nobody sent and no draft holds, and what they hold; returns how many. A job calls it."""
    before = clock.now() - timedelta(days=days)
    waiting = Attachment.objects.filter(message=None, draft=None)
    old = waiting.filter(created_at__lt=before).order_by("pk")
    dropped = 0
    while some := _discard(old[:AT_ONCE]):
        dropped += some
    return dropped


def _discard(uploads: QuerySet[Attachment]) -> int:
    """Drop those that still wait; their contents are looked at when this is committed."""
    with transaction.atomic():
        waiting = dict(uploads.select_for_update(skip_locked=True).values_list("pk", "stored_name"))
        Attachment.objects.filter(pk__in=waiting).delete()
        defer_discarding(waiting.values())
    return len(waiting)


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
    if waiting.update(message=message, uploaded_by=None, draft=None) != len(wanted):
        raise UploadGone
    _set_places(message)


def _set_places(message: Message) -> None:
    """Pictures that have a place in the words stand there; whose place was taken out are files like others."""
    if "](cid:" not in message.text:
        return
    for picture in message.attachments.exclude(content_id=""):
        is_inline = f"](cid:{picture.content_id})" in message.text
        Attachment.objects.filter(pk=picture.pk).update(is_inline=is_inline)


def copy_attachments(
    source: Message, *, onto: Message | None, by: Actor, without: Sequence[int] = ()
) -> list[Attachment]:
    """The same stored files once more, on another message or waiting with the agent `by`.

    Within a transaction. What was taken out before it could be held is not copied.
    """
    files = source.attachments.exclude(stored_name="").exclude(pk__in=without).order_by("pk")
    share_contents(files.values_list("stored_name", flat=True))
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
        for file in files.all()
    ]
    return Attachment.objects.bulk_create(copies)


def shown_name(name: str) -> str:
    """A file name that is safe to show and to put into a header: no folders, no control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:200] or "file"
