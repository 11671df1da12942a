"""Timeline: messages, notes and changes of a conversation in the order in which they happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

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
DAY, CHANGE, NEW = (Stencil(f"inbox/messages/_{name}.html") for name in ("day", "change", "new"))
#: The anchor of a thread that is shown from its first message on.
BEGINNING = Key(EPOCH, 0)
#: The anchor of a page that does not show the end of its thread.
LATER = "later"


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

    `later` is the key behind which more lies: this is not the end of the thread, and nothing new comes here.
    `to_answer` is the newest of its messages that a person wrote to us; else, where the thread is whole,
    the newest that we sent. `shown` are the ids of its messages, `new` that of the first that is new to
    the reader.
    """

    stretches: Sequence[Stretch]
    older: str
    since: str
    to_answer: Spoken | None
    is_whole: bool
    later: str = ""
    shown: Sequence[int] = ()
    new: int = 0


@dataclass(frozen=True, slots=True)
class _Window:
    """What was read of a thread, and whether more lies above and below."""

    spoken: Sequence[Spoken]
    has_older: bool = False
    has_later: bool = False


def timeline_of(
    conversation: Conversation,
    *,
    before: Key | None = None,
    since: Key | None = None,
    after: Key | None = None,
    around: Key | None = None,
    read_up_to: int | None = None,
    new: int = 0,
) -> Timeline:
    """The newest messages; or those before or after a key, around it, or all from it on; with the changes.

    Above the first that is `new` stands a line; where that is not said, it is the first of the customer's
    behind the message that the reader has read `up to`.
    """
    window = _read(conversation.pk, before=before, since=since, after=after, around=around)
    spoken, now = window.spoken, clock.now()
    until = spoken[-1].sent_at if spoken and window.has_later else before.at if before else None
    entries = tell_happenings(conversation, before=until, kinds=SENTENCES)
    if spoken and (window.has_older or after):
        entries = [entry for entry in entries if entry.at >= spoken[0].sent_at]
    is_end = not (before or window.has_later)
    is_whole = is_end and not (window.has_older or since or after)
    first = str(spoken[0].key) if spoken else ""
    new = new or first_new(spoken, read_up_to)
    return Timeline(
        _stretches(spoken, changes_of(entries, now=now), now=now, new=new),
        first if window.has_older else "",
        LATER if window.has_later else str(BEGINNING) if is_whole else first,
        _to_answer(spoken, is_whole=is_whole) if is_end else None,
        is_whole,
        str(spoken[-1].key) if window.has_later else "",
        [each.id for each in spoken],
        new,
    )


def _read(
    conversation: int,
    *,
    before: Key | None,
    since: Key | None,
    after: Key | None,
    around: Key | None,
) -> _Window:
    if since:
        return _Window(read_since(conversation, since=since, limit=MOST), has_older=True)
    if after:
        found = read_since(conversation, since=Key(after.at, after.id + 1), limit=PAGE + 1)
        return _Window(found[:PAGE], has_later=len(found) > PAGE)
    if around:
        half = PAGE // 2
        above = read_newest(conversation, limit=half + 1, before=around)
        below = read_since(conversation, since=around, limit=half + 1)
        return _Window([*above[-half:], *below[:half]], len(above) > half, len(below) > half)
    found = read_newest(conversation, limit=PAGE + 1, before=before)
    return _Window(found[-PAGE:], has_older=len(found) > PAGE)


def first_new(spoken: Sequence[Spoken], read_up_to: int | None) -> int:
    """The first of a customer's messages behind the one that was read last; 0 for who has never looked."""
    if read_up_to is None:
        return 0
    return next((s.id for s in spoken if s.direction == "in" and s.id > read_up_to), 0)


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
    spoken: Iterable[Spoken], changes: Sequence[Change], *, now: datetime, new: int = 0
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
        is_new = each.id == new
        if is_new:
            thread.add(NEW(words=gettext("New since you looked")))
        in_one_breath = not (between or is_new) and today == day and follows(each, above)
        drawn = draw(each, reader=reader, follows=in_one_breath)
        thread.add(drawn.html)
        for trouble in drawn.troubles:
            thread.end(trouble=trouble)
        day, above = today, each
    thread.add_changes(list(waiting))
    return thread.ended()


def spoken_stretches(spoken: Iterable[Spoken], *, now: datetime) -> list[Stretch]:
    """Messages alone, drawn."""
    return _stretches(spoken, (), now=now)


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
