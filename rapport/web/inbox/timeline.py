"""Timeline: messages, notes and changes of a conversation in the order in which they happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.safestring import SafeString

from rapport.conversations.models import Conversation
from rapport.conversations.telling import tell_happenings
from rapport.kernel import clock
from rapport.web.inbox.bubbles import draw, follows
from rapport.web.inbox.changes import Change, changes_of
from rapport.web.inbox.reading import Spoken, read_newest, read_since
from rapport.web.inbox.ticks import Tick
from rapport.web.kit.moments import say_date
from rapport.web.kit.paging import EPOCH, Key

PAGE = 50
#: So many messages at most are shown of a conversation that grew while it was open.
MOST = 200
FEW = 3
#: The anchor of a thread that is shown from its first message on.
BEGINNING = Key(EPOCH, 0)


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
    to_answer: Spoken | None


def timeline_of(
    conversation: Conversation, *, before: Key | None = None, since: Key | None = None
) -> Timeline:
    """The newest messages, those before a key, or all from a key on; with the changes between them."""
    if since:
        spoken, more = read_since(conversation.pk, since=since, limit=MOST), True
    else:
        found = read_newest(conversation.pk, limit=PAGE + 1, before=before)
        spoken, more = found[-PAGE:], len(found) > PAGE
    now = clock.now()
    entries = tell_happenings(
        conversation,
        since=spoken[0].sent_at if spoken and more else None,
        before=before.at if before else None,
    )
    first = str(spoken[0].key) if spoken else ""
    return Timeline(
        _stretches(spoken, changes_of(entries, now=now), now=now),
        first if more else "",
        first if more else str(BEGINNING),
        next((each for each in reversed(spoken) if each.asks_for_an_answer), None),
    )


def _stretches(
    spoken: Iterable[Spoken], changes: Sequence[Change], *, now: datetime
) -> list[Stretch]:
    stretches: list[Stretch] = []
    waiting = deque(sorted(changes, key=lambda change: (change.at, change.id)))
    zone = timezone.get_current_timezone()
    day: date | None = None
    above: Spoken | None = None
    for each in spoken:
        between = []
        while waiting and waiting[0].at <= each.sent_at:
            between.append(waiting.popleft())
        today = each.sent_at.astimezone(zone).date()
        heading = say_date(each.sent_at, now=now) if today != day else ""
        in_one_breath = not between and not heading and follows(each, above)
        drawn = draw(each, now=now, follows=in_one_breath)
        stretches.append(_stretch(heading, between, drawn.html, drawn.trouble))
        day, above = today, each
    if waiting:
        stretches.append(_stretch("", list(waiting), "", None))
    return stretches


def _stretch(
    day: str, changes: Sequence[Change], message: SafeString | str, trouble: Tick | None
) -> Stretch:
    folds = len(changes) > FEW
    shown, folded = (changes[-1:], changes[:-1]) if folds else (changes, ())
    return Stretch(day, shown, folded, message, trouble)
