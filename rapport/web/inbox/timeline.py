"""Timeline: messages, notes and changes of a conversation in the order in which they happened."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString

from rapport.channels.models import Delivery
from rapport.conversations.models import Attachment, Conversation, Direction, Message, MessageKind
from rapport.conversations.telling import tell_happenings
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from rapport.web.inbox.bubbles import Bubble, bubble_of, draw
from rapport.web.inbox.changes import Change, changes_of
from rapport.web.inbox.ticks import Tick
from rapport.web.kit.moments import say_date
from rapport.web.kit.paging import Key

PAGE = 50
#: So many messages at most are shown of a conversation that grew while it was open.
MOST = 200
FEW = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """A message (drawn) and what lies above it: perhaps a new day, and changes, folded when they are many."""

    day: str
    changes: Sequence[Change]
    folded: Sequence[Change]
    message: SafeString | str
    trouble: Tick | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stretches in order; `older` is the key before which more lies, `since` the key of the first shown.

    `to_answer` is the newest of its messages that a person wrote to us.
    """

    stretches: Sequence[Stretch]
    older: str
    since: str
    to_answer: Message | None


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
        next(filter(_is_to_answer, reversed(messages)), None),
    )


def _is_to_answer(message: Message) -> bool:
    came = message.direction == Direction.IN and message.kind == MessageKind.HUMAN
    return came and message.withdrawn_at is None


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
    return [
        bubble_of(message, files=files[message.pk], delivery=deliveries.get(message.pk), now=now)
        for message in messages
    ]


def _stretches(
    bubbles: Iterable[Bubble], changes: Sequence[Change], *, now: datetime
) -> list[Stretch]:
    stretches: list[Stretch] = []
    waiting = deque(sorted(changes, key=lambda change: (change.at, change.id)))
    day: date | None = None
    before: Bubble | None = None
    for bubble in bubbles:
        between = []
        while waiting and waiting[0].at <= bubble.message.sent_at:
            between.append(waiting.popleft())
        today = bubble.message.sent_at.astimezone(timezone.get_current_timezone()).date()
        heading = say_date(bubble.message.sent_at, now=now) if today != day else ""
        follows = not between and not heading and bubble.follows(before)
        drawn = draw(bubble, now=now, follows=follows)
        stretches.append(_stretch(heading, between, drawn, bubble.trouble))
        day, before = today, bubble
    if waiting:
        stretches.append(_stretch("", list(waiting), "", None))
    return stretches


def _stretch(
    day: str, changes: Sequence[Change], message: SafeString | str, trouble: Tick | None
) -> Stretch:
    folds = len(changes) > FEW
    shown, folded = (changes[-1:], changes[:-1]) if folds else (changes, ())
    return Stretch(day, shown, folded, message, trouble)
