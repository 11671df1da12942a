"""Replying: an agent (or a rule) answers, unless the thread has moved under the writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.conversations.addressing import (
    Recipients,
    check_recipients,
    newest_to_answer,
    reply_recipients,
    reply_subject,
)
from rapport.conversations.belonging import meet_recipients
from rapport.conversations.locking import Refusal, check_not_merged, locked
from rapport.conversations.models import Conversation, Direction, Message, State
from rapport.conversations.repeating import standing_message
from rapport.conversations.sending import Draft, check_words, send_message
from rapport.kernel.actors import Actor

__all__ = ["NotAnswerable", "ThreadMoved", "newer_messages", "reply", "reply_recipients"]

Someone = Iterable[str | Mapping[str, str]]


class ThreadMoved(Refusal):
    """Something was said after what the writer saw: `newer`, oldest first."""

    message = _("There is something new in this conversation. Read it before you send.")

    def __init__(self, newer: Sequence[Message]) -> None:
        super().__init__(self.message)
        self.newer = newer


class NotAnswerable(Refusal):
    """Nobody answers spam."""

    message = _("Take the spam mark off before you answer.")


def reply(
    conversation: Conversation,
    *,
    by: Actor,
    text: str,
    to: Someone | None = None,
    cc: Someone = (),
    bcc: Someone = (),
    subject: str = "",
    attachments: Sequence[int] = (),
    in_reply_to: Message | None = None,
    client_key: str = "",
    fingerprint: str = "",
    seen_message_id: int | None = None,
    anyway: bool = False,
    due_at: datetime | None = None,
    undo: bool = True,
) -> Message:
    """Answer in Markdown; the same `client_key` again is the same message, even at the same instant.

    `fingerprint` is of the whole request (`repeating.fingerprint_of`): another one under that key is refused.
    Without `to` it goes to whoever wrote last; without `subject` it keeps the topic. `seen_message_id` is
    the newest message that the writer saw; `anyway` sends although more has come. `due_at` sends later.
    Raises ThreadMoved, NotAnswerable, MergedAway, EmptyMessage, BadRecipient, TooManyRecipients,
    NoRecipient, NoWayOut, UploadGone, KeyTaken, NotAllowed.
    """
    check_words(text, attachments)
    given = check_recipients(to or (), cc, bcc)
    with transaction.atomic():
        meet_recipients((*given.to, *given.cc))
        return _reply(
            conversation,
            Draft(
                text=text,
                subject=subject,
                recipients=given,
                attachments=attachments,
                client_key=client_key,
                fingerprint=fingerprint,
                in_reply_to=in_reply_to,
                due_at=due_at,
                undo=undo,
            ),
            by=by,
            to_is_given=to is not None,
            seen=None if anyway else seen_message_id,
        )


def newer_messages(conversation: Conversation, seen_message_id: int) -> list[Message]:
    """What was said to or by the customer after this message was seen, oldest first."""
    public = (Direction.IN, Direction.OUT)
    newer = conversation.messages.filter(
        pk__gt=seen_message_id, direction__in=public, withdrawn_at=None
    )
    return list(newer.order_by("pk"))


def _reply(
    conversation: Conversation, draft: Draft, *, by: Actor, to_is_given: bool, seen: int | None
) -> Message:
    with locked(conversation, by=by) as fresh:
        standing = standing_message(fresh, draft.asked, text=draft.text)
        if standing:
            return standing
        check_answerable(fresh)
        check_not_moved(fresh, seen)
        answered = draft.in_reply_to or newest_to_answer(fresh)
        complete = replace(
            draft,
            in_reply_to=answered,
            subject=draft.subject or _subject(fresh, answered),
            recipients=draft.recipients
            if to_is_given
            else _with_default_to(fresh, answered, draft.recipients),
            channel_id=(answered and answered.channel_id) or fresh.channel_id,
            channel_kind=(answered and answered.channel_kind) or fresh.channel_kind,
        )
        return send_message(fresh, complete, by=by)


def check_answerable(fresh: Conversation) -> None:
    """Raise MergedAway or NotAnswerable where no message may go out."""
    check_not_merged(fresh)
    if fresh.state == State.SPAM:
        raise NotAnswerable


def check_not_moved(fresh: Conversation, seen: int | None) -> None:
    """Raise ThreadMoved where something public came after the message `seen`; None asks nothing."""
    if seen is None or (fresh.last_message_id or 0) <= seen:
        return
    newer = newer_messages(fresh, seen)
    if newer:
        raise ThreadMoved(newer)


def _subject(fresh: Conversation, answered: Message | None) -> str:
    return reply_subject((answered.subject if answered else "") or fresh.subject)


def _with_default_to(
    fresh: Conversation, answered: Message | None, given: Recipients
) -> Recipients:
    to = reply_recipients(fresh, answered, everyone=False).to
    return check_recipients(to, given.cc, given.bcc)
