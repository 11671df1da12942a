"""Reckoning: what a list shows of a conversation, kept up with each message and rebuilt from its rows.

The rules stand here once. `apply_…` carry them forward by one message over plain attributes (a model, or
whatever a bulk writer holds); `reckon` folds the same rules over the rows in the order in which they were
recorded. Time stamps are the providers', order is ours: what was recorded later was not seen before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models.functions import Left

from rapport.conversations.models import Conversation, Direction, Message, MessageKind, State
from rapport.kernel.mail.rendering import read_words

#: The columns of Conversation that are kept here, for `update_fields` and bulk updates.
COLUMNS = (
    "preview",
    "last_message_at",
    "last_inbound_at",
    "waiting_since",
    "last_message_id",
    "message_count",
)
PREVIEW_READS, PREVIEW_KEEPS = 1000, 200


class Spoken(Protocol):
    """What of a message counts here; `extras["forwards"]` marks a forward, which answers nobody."""

    id: Any
    direction: Any
    kind: Any
    sent_at: Any
    text: Any
    quoted: Any
    subject: Any
    extras: Any


class Tally(Protocol):
    """The columns kept here, and the state that says whether anybody can be waiting."""

    state: Any
    preview: Any
    last_message_at: Any
    last_inbound_at: Any
    waiting_since: Any
    last_message_id: Any
    message_count: Any


@dataclass(slots=True)
class Reckoned:
    """A tally of nothing yet, for folding."""

    last_message_at: datetime
    state: str = State.OPEN
    preview: str = ""
    last_inbound_at: datetime | None = None
    waiting_since: datetime | None = None
    last_message_id: int | None = None
    message_count: int = 0


def apply_message(tally: Tally, message: Spoken) -> None:
    """Carry the tally forward by one message of any direction."""
    {
        Direction.IN.value: apply_inbound,
        Direction.OUT.value: apply_outbound,
        Direction.NOTE.value: apply_note,
    }[str(message.direction)](tally, message)


def apply_inbound(tally: Tally, message: Spoken) -> None:
    """A message came in. Only a human waits; reopen or wake the conversation before, not after."""
    _count(tally, message)
    _show(tally, message)
    if message.kind != MessageKind.HUMAN:
        return
    tally.last_inbound_at = max(tally.last_inbound_at or message.sent_at, message.sent_at)
    if tally.state in (State.OPEN, State.SNOOZED):
        tally.waiting_since = min(tally.waiting_since or message.sent_at, message.sent_at)


def apply_outbound(tally: Tally, message: Spoken) -> None:
    """A message goes out. Nobody waits any longer if a human wrote it to the customer."""
    _count(tally, message)
    _show(tally, message)
    if answers(message):
        tally.waiting_since = None


def apply_note(tally: Tally, message: Spoken) -> None:
    """A note was written: it moves the conversation in the lists and changes nothing else."""
    _count(tally, message)


def answers(message: Spoken) -> bool:
    """Whether whoever waits has been answered by this outgoing message."""
    return message.kind == MessageKind.HUMAN and not message.extras.get("forwards")


def preview_of(message: Spoken) -> str:
    """One line of it for lists, as its reader sees it; empty where it has no words at all."""
    for words in (spoken_words(message), message.quoted, message.subject):
        line = " ".join(words[:PREVIEW_READS].split())
        if line:
            return line[:PREVIEW_KEEPS]
    return ""


def spoken_words(message: Spoken) -> str:
    """The beginning of its new words without markup: what we write is Markdown, a stranger's is not."""
    words: str = message.text[:PREVIEW_READS]
    return words if message.direction == Direction.IN else read_words(words)


def reckoned(
    messages: Iterable[Spoken], *, opened_at: datetime, state: str, settled_upto: int = 0
) -> Reckoned:
    """The tally of these messages, given in the order in which they were recorded.

    Nobody waits over messages up to the id `settled_upto`: the matter was solved then.
    """
    tally = Reckoned(opened_at)
    settled = settled_upto == 0
    for message in messages:
        if not settled and message.id > settled_upto:
            tally.waiting_since, settled = None, True
        apply_message(tally, message)
    if not settled or state not in (State.OPEN, State.SNOOZED):
        tally.waiting_since = None
    tally.state = state
    return tally


def reckon(conversation: Conversation) -> Conversation:
    """Recompute the columns of a locked conversation from its rows and save them."""
    tally = reckoned(
        standing_messages(conversation.pk),
        opened_at=conversation.opened_at,
        state=conversation.state,
        settled_upto=_settled_upto(conversation),
    )
    for column in COLUMNS:
        setattr(conversation, column, getattr(tally, column))
    conversation.save(update_fields=COLUMNS)
    return conversation


def standing_messages(conversation_id: int) -> Iterable[Spoken]:
    """The messages that count (those taken back do not), oldest record first, texts cut short."""
    rows = (
        Message.objects.filter(conversation_id=conversation_id, withdrawn_at=None)
        .order_by("pk")
        .values_list(
            "pk",
            "direction",
            "kind",
            "sent_at",
            Left("text", PREVIEW_READS),
            Left("quoted", PREVIEW_READS),
            "subject",
            "extras",
        )
    )
    return [_Row(*row) for row in rows.iterator(2000)]


@dataclass(slots=True)
class _Row:
    id: int
    direction: str
    kind: str
    sent_at: datetime
    text: str
    quoted: str
    subject: str
    extras: dict[str, Any]


def _settled_upto(conversation: Conversation) -> int:
    """The last message known when it was solved; a solution that somebody took back settled nothing."""
    ids = [
        solution.last_message_id or 0
        for solution in conversation.solutions.all()
        if solution.ended_at is None or solution.ended_by_kind in ("customer", "system")
    ]
    return max(ids, default=0)


def _count(tally: Tally, message: Spoken) -> None:
    first = not tally.message_count
    tally.last_message_at = (
        message.sent_at if first else max(tally.last_message_at, message.sent_at)
    )
    tally.last_message_id = max(tally.last_message_id or 0, message.id)
    tally.message_count += 1


def _show(tally: Tally, message: Spoken) -> None:
    if message.kind == MessageKind.HUMAN or not tally.preview:
        tally.preview = preview_of(message) or tally.preview
