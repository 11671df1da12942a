"""Forwarding: somebody else is shown a message; what the customer sees and waits for does not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from rapport.conversations.addressing import bare_subject, check_recipients
from rapport.conversations.belonging import meet_recipients
from rapport.conversations.locking import locked
from rapport.conversations.models import Conversation, Message
from rapport.conversations.repeating import standing_message
from rapport.conversations.replying import Someone, check_answerable
from rapport.conversations.sending import Draft, NoRecipient, send_message
from rapport.conversations.uploading import copy_attachments
from rapport.kernel.actors import Actor

__all__ = ["forward_message", "forward_subject", "quote_message"]


def forward_message(
    message: Message,
    *,
    by: Actor,
    to: Someone,
    cc: Someone = (),
    bcc: Someone = (),
    text: str = "",
    subject: str = "",
    attachments: Sequence[int] = (),
    without: Sequence[int] = (),
    client_key: str = "",
    fingerprint: str = "",
    undo: bool = True,
) -> Message:
    """Show `message` to others, quoted under `text`, with its files but those in `without` (ids).

    It starts a thread of its own in the mailboxes, answers nobody, and stands in the conversation, where
    answers to it come too. Raises NoRecipient, BadRecipient, NotAnswerable, MergedAway, UploadGone, KeyTaken.
    """
    given = check_recipients(to, cc, bcc)
    if not list(given):
        raise NoRecipient
    with transaction.atomic():
        meet_recipients((*given.to, *given.cc))
        with locked(message.conversation, by=by) as fresh:
            draft = Draft(
                text=text,
                quoted=quote_message(message),
                subject=subject or forward_subject(fresh, message),
                recipients=given,
                attachments=attachments,
                html=message.html,
                client_key=client_key,
                fingerprint=fingerprint,
                channel_id=message.channel_id or fresh.channel_id,
                channel_kind=message.channel_kind or fresh.channel_kind,
                undo=undo,
                extras={"forwards": message.pk},
            )
            standing = standing_message(fresh, draft.asked, text=text)
            if standing:
                return standing
            check_answerable(fresh)
            sent = send_message(fresh, draft, by=by)
            copy_attachments(message, onto=sent, by=by, without=without)
            return sent


def forward_subject(conversation: Conversation, message: Message) -> str:
    """The topic with one "Fwd:"."""
    return f"Fwd: {bare_subject(message.subject or conversation.subject)}".rstrip()


def quote_message(message: Message) -> str:
    """The message as people quote it: a line for each head that it has, then its words and its history."""
    heads = message.addresses
    lines = [
        _("---------- Forwarded message ----------"),
        _head(_("From"), _people(heads.get("from")) or message.author_name),
        _head(
            _("Date"), formats.date_format(timezone.localtime(message.sent_at), "DATETIME_FORMAT")
        ),
        _head(_("Subject"), message.subject),
        _head(_("To"), _people(heads.get("to"))),
        _head(_("Cc"), _people(heads.get("cc"))),
    ]
    words = [part for part in (message.text, message.signature, message.quoted) if part.strip()]
    return "\n".join(filter(None, lines)) + "\n\n" + "\n\n".join(words)


def _head(name: str, value: str) -> str:
    return f"{name}: {value}" if value else ""


def _people(people: Sequence[Mapping[str, str]] | None) -> str:
    return ", ".join(
        f"{p['name']} <{p['address']}>" if p.get("name") else p["address"] for p in people or ()
    )
