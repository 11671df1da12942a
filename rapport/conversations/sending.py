"""Sending: a message of ours is written down and due to leave; channels take it from there in the same commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.conversations.addressing import Recipients
from rapport.conversations.belonging import include_addressed
from rapport.conversations.drafting import take_draft
from rapport.conversations.events import MessageSent
from rapport.conversations.locking import Refusal
from rapport.conversations.models import (
    Conversation,
    Direction,
    Message,
    MessageKind,
)
from rapport.conversations.reckoning import COLUMNS, apply_outbound
from rapport.conversations.repeating import Asked, keep_request
from rapport.conversations.uploading import attach_uploads
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.config import config


class EmptyMessage(Refusal):
    """Neither words nor a file."""

    message = _("Write something first.")


class NoRecipient(Refusal):
    """Mail without anybody to go to."""

    message = _("Say who this should go to.")


class NoWayOut(Refusal):
    """No channel could carry it."""

    message = _("This conversation has no channel that a message could leave by.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be sent: Markdown, subject, recipients, ids of uploads, and the channel that carries it.

    `due_at` is when it may leave; None means after the time for undo (agents), or at once (machines).
    """

    text: str
    subject: str = ""
    recipients: Recipients = field(default_factory=Recipients)
    attachments: Sequence[int] = ()
    client_key: str = ""
    fingerprint: str = ""
    channel_id: int | None = None
    channel_kind: str = ""
    in_reply_to: Message | None = None
    due_at: datetime | None = None
    undo: bool = True
    quoted: str = ""
    html: str = ""
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def asked(self) -> Asked:
        """By which it is known when it comes again."""
        return Asked(self.client_key, self.fingerprint)


def send_message(fresh: Conversation, draft: Draft, *, by: Actor) -> Message:
    """Write it down in a locked conversation and record it. Raises NoWayOut, NoRecipient, UploadGone."""
    if draft.channel_id is None:
        raise NoWayOut
    if draft.channel_kind == "email" and not list(draft.recipients):
        raise NoRecipient
    message = _written(fresh, draft, by=by)
    keep_request(message, draft.asked)
    take_draft(fresh, draft.client_key, by=by)
    attach_uploads(message, draft.attachments, by=by)
    openly = (*draft.recipients.to, *draft.recipients.cc)
    include_addressed(fresh, [person["address"] for person in openly])
    apply_outbound(fresh, message)
    fresh.save(update_fields=COLUMNS)
    journal.record(
        MessageSent(
            by=by,
            conversation=fresh.pk,
            team=fresh.team_id or 0,
            message=message.pk,
            channel=draft.channel_id,
            due_at=due_time(draft, by=by).isoformat(),
            automatic=message.kind != MessageKind.HUMAN,
        )
    )
    return message


def check_words(text: str, attachments: Sequence[int]) -> None:
    """Raise EmptyMessage where there is neither a word nor a file."""
    if not text.strip() and not attachments:
        raise EmptyMessage


def due_time(draft: Draft, *, by: Actor) -> datetime:
    """When it may leave the house; never in the past."""
    now = clock.now()
    if draft.due_at is not None:
        return max(draft.due_at, now)
    waits = draft.undo and by.kind == "agent"
    return now + timedelta(seconds=config().undo_seconds) if waits else now


def _written(fresh: Conversation, draft: Draft, *, by: Actor) -> Message:
    heads = {"to": draft.recipients.to, "cc": draft.recipients.cc, "bcc": draft.recipients.bcc}
    return Message.objects.create(
        conversation=fresh,
        direction=Direction.OUT,
        kind=MessageKind.HUMAN if by.kind == "agent" else MessageKind.AUTO_REPLY,
        agent_id=by.id if by.kind == "agent" else None,
        author_name=by.name,
        channel_id=draft.channel_id,
        channel_kind=draft.channel_kind,
        client_key=draft.client_key,
        in_reply_to=draft.in_reply_to,
        subject=" ".join(draft.subject.split()),
        addresses={head: people for head, people in heads.items() if people},
        text=draft.text,
        quoted=draft.quoted,
        html=draft.html,
        extras=draft.extras,
    )
