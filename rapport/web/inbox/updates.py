"""Updates: everything on the page that changed since a position, as the same fragments as the page itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse

from rapport.accounts.models import Agent
from rapport.conversations.access import streams_of
from rapport.conversations.events import (
    ConversationMarkedUnread,
    ConversationRead,
    MessageReceived,
    MessageSent,
    NoteWritten,
)
from rapport.conversations.marking_read import mark_read
from rapport.conversations.ringing import AgentNotified, NotificationsRead
from rapport.kernel.asking import Question, ask, asked_together
from rapport.kernel.journal.catching_up import News, news_question
from rapport.kernel.journal.positions import Position
from rapport.web.inbox.bell import bell_fragment, read_by_opening
from rapport.web.inbox.beside import aside_fragments
from rapport.web.inbox.counting import counts_for, questions_ahead
from rapport.web.inbox.desk import lists_beside
from rapport.web.inbox.live import live_of
from rapport.web.inbox.loading import Opened, opened_for, opened_question, shelf_for
from rapport.web.inbox.panes import number_in, row_fragments, thread_fragments, timeline_asked
from rapport.web.inbox.saved import NAME
from rapport.web.inbox.shelves import SHELVES, Shelf
from rapport.web.inbox.showing_people import person_fragments
from rapport.web.kit.fragments import Fragment, fragments
from rapport.web.kit.verbs import SignedIn, verbs

BELLS = (AgentNotified.kind, NotificationsRead.kind)
GLANCES = (ConversationRead.kind, ConversationMarkedUnread.kind)
SPOKEN = (MessageReceived.kind, MessageSent.kind, NoteWritten.kind)
#: Behind by more than this, a page is brought up whole instead of row by row.
MOST = 300


def show(request: SignedIn) -> HttpResponse:
    """The changed rows, the counts, the open conversation if it changed, and the position for next time."""
    shelf, is_gone = _shelf_asked(request)
    number = number_in(request.GET.get("conversation", ""))
    since = _since(request)
    with asked_together(_questions(request, number=number, since=since)):
        opened = opened_for(request, number) if number else None
        conversation = opened.conversation if opened else None
        sides = opened.sides if opened else ()
        live = live_of(request, shelf=shelf, conversation=conversation, sides=sides)
        news = None if is_gone else _news(request.user, since, now=Position.parse(live.since))
    is_rung, news = _bells_apart(news)
    spoken = [each for each in news or () if each.subject_kind not in ("view", "customer")]
    parts = [Fragment("inbox/_live.html", {"live": live}, into="live")]
    if opened and "seen" in request.GET:
        _read(request, opened, spoken)
    parts += [_bell(request, opened)] if is_rung else []
    numbers = sorted({each.subject_id for each in spoken if each.kind not in GLANCES})
    if news is None:
        parts += [_whole_list(request, shelf)]
    elif spoken:
        rows = sorted({each.subject_id for each in spoken})
        parts += row_fragments(request, shelf, rows, leaving=_heard(request.user, spoken))
    if news is None or news:
        parts += [_counts(request, shelf)]
    if opened and (news is None or number in numbers):
        timeline = timeline_asked(request, opened.conversation)
        parts += thread_fragments(request, opened, timeline=timeline, shelf=shelf)
    parts += _beside(request, opened, news) if opened else []
    return fragments(request, None, *parts)


def _shelf_asked(request: SignedIn) -> tuple[Shelf, bool]:
    """The shelf that the page shows; where somebody has removed that view, what is open, and that it is gone."""
    name = request.GET.get("shelf", "open")
    try:
        return shelf_for(request, name), False
    except Http404:
        if not NAME.fullmatch(name):
            raise
    return SHELVES["open"], True


def _beside(request: SignedIn, opened: Opened, news: Sequence[News] | None) -> list[Fragment]:
    """What changed of that which stands beside the words: the threads aside, the customer."""
    parts = aside_fragments(request, opened, news=news) if opened.sides else []
    customer = opened.conversation.customer_id
    return [*parts, *person_fragments(request, customer)] if _speaks_of(news, customer) else parts


def _since(request: SignedIn) -> Position | None:
    """From where on the page wants to be told; None where that cannot be read."""
    try:
        return Position.parse(request.GET.get("since", ""))
    except ValueError:
        return None


def _questions(request: SignedIn, *, number: int, since: Position | None) -> list[Question]:
    """What every catching up asks, the position first."""
    agent = request.user
    questions = questions_ahead(request, agent)
    if number:
        questions.append(opened_question(agent, number))
    if since:
        questions.append(news_question(since, limit=MOST))
    return questions


def _news(agent: Agent, since: Position | None, *, now: Position) -> list[News] | None:
    """What was said since; None where that cannot be told, or is too much one by one.

    Whose they are is asked when rows are read. Of glances and bells only the reader's own are told.
    """
    if since is None or since > now:
        return None
    news = [News(*row) for row in ask(*news_question(since, limit=MOST))]
    if len(news) == MOST:
        return None
    mine = f"agent:{agent.pk}"
    return [
        each
        for each in news
        if each.subject_kind in ("conversation", "view", "customer")
        or (each.kind in (*GLANCES, *BELLS) and mine in each.streams.split())
    ]


def _speaks_of(news: Sequence[News] | None, customer: int) -> bool:
    """Whether something was said of this customer, or that cannot be told."""
    about = ("customer", customer)
    return news is None or any((each.subject_kind, each.subject_id) == about for each in news)


def _heard(agent: Agent, news: Sequence[News]) -> set[int]:
    """Those of them that were spoken of on a list of this colleague: they may have to leave it."""
    streams = set(streams_of(agent))
    hears_all = "inbox:*" in streams
    return {
        each.subject_id
        for each in news
        if each.subject_kind == "conversation"
        and (hears_all or not streams.isdisjoint(each.streams.split()))
    }


def _read(request: SignedIn, opened: Opened, news: Sequence[News]) -> None:
    """What was said while the page was in view has been read; what was marked as unread stays so."""
    conversation = opened.conversation
    said = (each.kind in SPOKEN and each.subject_id == conversation.pk for each in news)
    if opened.is_unread and any(said):
        newest = conversation.last_message_id or 0
        mark_read(conversation, by=request.user.actor, up_to=newest)


def _bells_apart(news: list[News] | None) -> tuple[bool, list[News] | None]:
    """Whether the bell may say something else now, and the news that are of conversations."""
    if news is None:
        return True, None
    told = [each for each in news if each.kind not in BELLS]
    return len(told) < len(news), told


def _bell(request: SignedIn, opened: Opened | None) -> Fragment:
    """The bell; what it tells of the conversation that somebody looks at has been read."""
    if opened and "seen" in request.GET:
        read_by_opening(request, opened.conversation)
    return bell_fragment(request)


def _whole_list(request: SignedIn, shelf: Shelf) -> Fragment:
    context = {"shelf": shelf, "page": shelf.page(request.user)}
    return Fragment("inbox/lists/_rows.html", context, into="rows", swap="innerMorph")


def _counts(request: SignedIn, shelf: Shelf) -> Fragment:
    side = lists_beside(counts_for(request, request.user), here=shelf.name)
    return Fragment("kit/_shelves.html", {"side": side}, into="shelves", swap="innerMorph")


updates = verbs(get=show)
