"""Timeline: messages, notes and changes of a conversation in the order in which they happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from rapport.conversations.models import Conversation
from rapport.conversations.telling import happenings_question, tell_happenings
from rapport.kernel import clock
from rapport.kernel.asking import Question
from rapport.web.inbox.bubbles import draw, follows, reader_at
from rapport.web.inbox.changes import SENTENCES, Change, changes_of
from rapport.web.inbox.reading import Spoken, newest_question, read_newest, read_since
from rapport.web.inbox.ticks import Tick
from rapport.web.kit.moments import say_date
from rapport.web.kit.paging import EPOCH, Key
from rapport.web.kit.stencils import Stencil

PAGE = 50
#: So many messages at most are shown of a conversation that grew while it was open.
MOST = 200
FEW = 3
DAY, CHANGE = Stencil("inbox/messages/_day.html"), Stencil("inbox/messages/_change.html")
#: The anchor of a thread that is shown from its first message on.
BEGINNING = Key(EPOCH, 0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of the thread, drawn; what needs more than drawing ends it.

    `folded` are many changes in a row, shown when asked for; `trouble` is a delivery that asks a person to
    decide.
    """

    html: SafeString
    folded: Sequence[Change] = ()
    trouble: Tick | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stretches in order; `older` is the key before which more lies, `since` the key of the first shown.

    `to_answer` is the newest of its messages that a person wrote to us; else, where the thread is whole,
    the newest that we sent.
    """

    stretches: Sequence[Stretch]
    older: str
    since: str
    to_answer: Spoken | None
    is_whole: bool


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
    entries = tell_happenings(conversation, before=before.at if before else None, kinds=SENTENCES)
    if spoken and more:
        entries = [entry for entry in entries if entry.at >= spoken[0].sent_at]
    is_whole = not (more or before)
    first = str(spoken[0].key) if spoken else ""
    return Timeline(
        _stretches(spoken, changes_of(entries, now=now), now=now),
        first if more else "",
        first if more else str(BEGINNING),
        _to_answer(spoken, is_whole=is_whole),
        is_whole,
    )


def timeline_questions(conversation: Conversation) -> list[Question]:
    """What `timeline_of` asks for the newest messages."""
    return [
        newest_question(conversation.pk, limit=PAGE + 1),
        happenings_question(conversation, kinds=SENTENCES),
    ]


def _to_answer(spoken: Sequence[Spoken], *, is_whole: bool) -> Spoken | None:
    came = next((each for each in reversed(spoken) if each.asks_for_an_answer), None)
    if came or not is_whole:
        return came
    return next((each for each in reversed(spoken) if each.can_be_followed_up), None)


def _stretches(
    spoken: Iterable[Spoken], changes: Sequence[Change], *, now: datetime
) -> list[Stretch]:
    thread, reader = _Thread(), reader_at(now)
    waiting = deque(sorted(changes, key=lambda change: (change.at, change.id)))
    zone = timezone.get_current_timezone()
    day: date | None = None
    above: Spoken | None = None
    for each in spoken:
        between = []
        while waiting and waiting[0].at <= each.sent_at:
            between.append(waiting.popleft())
        today = each.sent_at.astimezone(zone).date()
        if today != day:
            thread.add(DAY(words=say_date(each.sent_at, now=now)))
        thread.add_changes(between)
        in_one_breath = not between and today == day and follows(each, above)
        drawn = draw(each, reader=reader, follows=in_one_breath)
        thread.add(drawn.html)
        for trouble in drawn.troubles:
            thread.end(trouble=trouble)
        day, above = today, each
    thread.add_changes(list(waiting))
    return thread.ended()


class _Thread:
    """Collects what is drawn into as few stretches as can be."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._parts: list[str] = []

    def add(self, html: str) -> None:
        self._parts.append(html)

    def add_changes(self, changes: Sequence[Change]) -> None:
        """One line each; of many in a row only the last, the others folded above it."""
        if len(changes) > FEW:
            self.end(folded=changes[:-1])
            changes = changes[-1:]
        for change in changes:
            exact, when = change.when_exact, change.when
            self.add(CHANGE(id=change.id, words=change.words, exact=exact, when=when))

    def end(self, *, folded: Sequence[Change] = (), trouble: Tick | None = None) -> None:
        html = mark_safe("\n".join(self._parts))  # noqa: S308 - stencils escape
        self._stretches.append(Stretch(html, folded, trouble))
        self._parts = []

    def ended(self) -> list[Stretch]:
        self.end()
        return self._stretches
