"""Timeline: messages, notes and changes of a conversation in the order in which they happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from rapport.channels.models import Delivery
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.conversations.telling import tell_happenings
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from rapport.web.inbox.bubbles import Bubble, bubble_of
from rapport.web.inbox.changes import Change, changes_of
from rapport.web.kit.moments import say_date
from rapport.web.kit.paging import Key

PAGE = 50
#: So many messages at most are shown of a conversation that grew while it was open.
MOST = 200
FEW = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies between two messages: perhaps a new day, and changes, folded when they are many."""

    day: str
    changes: Sequence[Change]
    folded: Sequence[Change]
    bubble: Bubble | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stretches in order; `older` is the key before which more lies, `since` the key of the first shown."""

    stretches: Sequence[Stretch]
    older: str
    since: str
    last_message: int


def timeline_of(
    conversation: Conversation, *, before: Key | None = None, since: Key | None = None
) -> Timeline:
    """The newest messages, those before a key, or all from a key on; with the changes between them."""
    messages, more = _messages(conversation, before=before, since=since)
    now = clock.now()
    entries = _entries(conversation, messages, before=before, more=more)
    bubbles = _bubbles(messages, now=now)
    first = Key(messages[0].sent_at, messages[0].pk) if messages else None
    return Timeline(
        _stretches(bubbles, changes_of(entries, now=now), now=now),
        str(first) if more and first else "",
        str(first or ""),
        max((message.pk for message in messages), default=0),
    )


def _messages(
    conversation: Conversation, *, before: Key | None, since: Key | None
) -> tuple[list[Message], bool]:
    found = Message.objects.filter(conversation=conversation)
    if since:
        later = Q(sent_at__gt=since.at) | Q(sent_at=since.at, id__gte=since.id)
        rows = list(found.filter(later, sent_at__gte=since.at).order_by("sent_at", "id")[:MOST])
        earlier = found.filter(sent_at__lte=since.at).exclude(sent_at=since.at, id__gte=since.id)
        return rows, earlier.exists()
    if before:
        earlier_q = Q(sent_at__lt=before.at) | Q(sent_at=before.at, id__lt=before.id)
        found = found.filter(earlier_q, sent_at__lte=before.at)
    newest = list(found.order_by("-sent_at", "-id")[: PAGE + 1])
    return newest[:PAGE][::-1], len(newest) > PAGE


def _entries(
    conversation: Conversation, messages: Sequence[Message], *, before: Key | None, more: bool
) -> list[Entry]:
    return tell_happenings(
        conversation,
        since=messages[0].sent_at if messages and more else None,
        before=before.at if before else None,
    )


def _bubbles(messages: Sequence[Message], *, now: datetime) -> list[Bubble]:
    ids = [message.pk for message in messages]
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(message_id__in=ids).order_by("id"):
        files[file.message_id or 0].append(file)
    deliveries = {d.message_id: d for d in Delivery.objects.filter(message_id__in=ids)}
    bubbles: list[Bubble] = []
    for message in messages:
        before = bubbles[-1] if bubbles else None
        delivery = deliveries.get(message.pk)
        bubbles.append(
            bubble_of(message, files=files[message.pk], delivery=delivery, before=before, now=now)
        )
    return bubbles


def _stretches(
    bubbles: Iterable[Bubble], changes: Sequence[Change], *, now: datetime
) -> list[Stretch]:
    stretches: list[Stretch] = []
    waiting = sorted(changes, key=lambda change: (change.at, change.id))
    day: date | None = None
    for bubble in bubbles:
        split = next((n for n, c in enumerate(waiting) if c.at > bubble.at), len(waiting))
        between, waiting = waiting[:split], waiting[split:]
        today = bubble.at.astimezone(timezone.get_current_timezone()).date()
        heading = say_date(bubble.at, now=now) if today != day else ""
        day = today
        stretches.append(_stretch(heading, between, bubble))
    if waiting:
        stretches.append(_stretch("", waiting, None))
    return stretches


def _stretch(day: str, changes: Sequence[Change], bubble: Bubble | None) -> Stretch:
    folds = len(changes) > FEW
    return Stretch(day, changes[-1:] if folds else changes, changes[:-1] if folds else (), bubble)
