"""Panes: the contexts of what the desk shows side by side, and the fragments that change with a conversation."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404

from rapport.accounts.models import Agent
from rapport.channels.receiving import OWN_ADDRESSES
from rapport.conversations.access import visible_to
from rapport.conversations.models import Conversation, JoinProposal, Merge, State
from rapport.conversations.reading_notifications import bell_question
from rapport.kernel.asking import Question
from rapport.web.inbox.about import about_question
from rapport.web.inbox.beside import sides_of, sides_questions
from rapport.web.inbox.counting import questions_ahead
from rapport.web.inbox.explaining import hint_of
from rapport.web.inbox.heading import head_of
from rapport.web.inbox.live import live_of
from rapport.web.inbox.loading import Opened, opened_for, shelf_for
from rapport.web.inbox.person import others_question, person_of
from rapport.web.inbox.reading import first_unread, key_of
from rapport.web.inbox.saved import NAME
from rapport.web.inbox.shelves import SHELVES, Shelf
from rapport.web.inbox.timeline import LATER, Timeline, timeline_of, timeline_questions
from rapport.web.kit.fragments import Fragment, gone, is_partial
from rapport.web.kit.paging import Key
from rapport.web.kit.verbs import SignedIn

#: What a page has of the thread's end that does not show it.
NOT_SHOWN = Timeline((), "", LATER, None, is_whole=False)


def number_in(text: str) -> int:
    """An id as an address says it; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def shelf_asked(request: SignedIn, conversation: Conversation) -> Shelf:
    """The shelf that the request names; else one on which the conversation stands."""
    name = request.GET.get("shelf", "")
    if name in SHELVES or NAME.fullmatch(name):
        with suppress(Http404):
            return shelf_for(request, name)
    return SHELVES["mine" if conversation.assignee_id == request.user.pk else "open"]


def thread_context(
    request: SignedIn, opened: Opened, *, timeline: Timeline, shelf: Shelf
) -> dict[str, Any]:
    """What the conversation's pane is made of."""
    agent, conversation = request.user, opened.conversation
    return {
        "conversation": conversation,
        "customer": conversation.customer,
        "timeline": timeline,
        "shelf": shelf,
        "may_work": agent.may_work,
        "head": head_of(opened, agent=agent),
        "joins": _joins_of(conversation, agent) if opened.has_joins else [],
        "gone": _gone_of(conversation, agent) if conversation.state == State.MERGED else None,
        "base": f"/inbox/conversations/{conversation.ref}",
        "query": urlencode({"shelf": shelf.name, **anchors_of(request, timeline)}),
    }


def _gone_of(conversation: Conversation, agent: Agent) -> Merge | None:
    """The merge by which it went into another one that the reader may see."""
    standing = Merge.objects.standing().filter(source=conversation, target__in=visible_to(agent))
    return standing.select_related("target").first()


def anchors_of(request: SignedIn, timeline: Timeline) -> dict[str, str]:
    """What later requests must know of the thread as it was opened: its first message, and the first new one."""
    anchor = request.GET.get("from") or timeline.since
    return {"from": anchor, "new": str(timeline.new)} if timeline.new else {"from": anchor}


def timeline_asked(request: SignedIn, conversation: Conversation) -> Timeline | None:
    """The thread from where it was opened on; None for a page that does not show its end."""
    anchor = request.GET.get("from", "")
    if anchor == LATER:
        return None
    new = number_in(request.GET.get("new", ""))
    return timeline_of(conversation, since=Key.parse(anchor), new=new)


def _joins_of(conversation: Conversation, agent: Agent) -> list[JoinProposal]:
    """What somebody should say: whether this belongs to another conversation that the reader may see."""
    standing = JoinProposal.objects.standing().filter(conversation=conversation)
    found = list(standing.filter(other__in=visible_to(agent)).select_related("other__customer"))
    for proposal in found:  # kept as codes; never saved from here
        proposal.reasons = [hint_of(code) for code in proposal.reasons]
    return found


def open_conversation(request: SignedIn, opened: Opened, *, shelf: Shelf) -> dict[str, Any]:
    """The context of all panes of an open conversation, and what the page hears from here on."""
    live = live_of(request, shelf=shelf, conversation=opened.conversation, sides=opened.sides)
    timeline = timeline_opened(request, opened)
    context = thread_context(request, opened, timeline=timeline, shelf=shelf)
    person = person_of(opened, agent=request.user)
    anchored = replace(live, updates=f"{live.updates}&{urlencode(anchors_of(request, timeline))}")
    return {**context, "person": person, "live": anchored, "sides": sides_of(opened)}


def timeline_opened(request: SignedIn, opened: Opened) -> Timeline:
    """The end of the thread; around a message that was asked for, or the first new one, where that is earlier."""
    conversation = opened.conversation
    timeline = timeline_of(conversation, read_up_to=opened.read_up_to)
    wanted = number_in(request.GET.get("message", ""))
    if not wanted and timeline.older and timeline.new and timeline.new == timeline.shown[0]:
        wanted = first_unread(conversation.pk, read_up_to=opened.read_up_to or 0)
    if not wanted or wanted in timeline.shown:
        return timeline
    place = key_of(conversation.pk, message=wanted)
    if place is None:
        return timeline
    return timeline_of(conversation, around=place, read_up_to=opened.read_up_to)


def pane_questions(request: SignedIn, opened: Opened, *, shelf: Shelf) -> list[Question]:
    """What will be asked for all panes (the list only for a whole page), the position first."""
    agent, conversation = request.user, opened.conversation
    questions = [
        *questions_ahead(request, agent),
        bell_question(agent),
        *timeline_questions(conversation),
        about_question(conversation.customer_id, agent=agent),
        *sides_questions(opened),
        others_question(conversation, agent=agent),
        OWN_ADDRESSES,
    ]
    return questions if is_partial(request) else [*questions, *shelf.questions(agent)]


def thread_fragments(
    request: SignedIn, opened: Opened, *, timeline: Timeline | None, shelf: Shelf
) -> list[Fragment]:
    """The fragments of an open thread that change: its head and, where they are shown, its newest words."""
    context = thread_context(request, opened, timeline=timeline or NOT_SHOWN, shelf=shelf)
    head = Fragment("inbox/conversations/_head.html", context, into="thread_head")
    if timeline is None:
        return [head]
    return [head, Fragment("inbox/conversations/_recent.html", context, into="recent")]


def changed(request: SignedIn, conversation: Conversation) -> list[Fragment]:
    """What an answer shows after a change: the thread afresh, and the row where it stands now."""
    shelf = shelf_asked(request, conversation)
    fresh = opened_for(request, conversation.pk)
    timeline = timeline_asked(request, fresh.conversation)
    return [
        *thread_fragments(request, fresh, timeline=timeline, shelf=shelf),
        *row_fragments(request, shelf, [conversation.pk], leaving=[conversation.pk]),
    ]


def row_fragments(
    request: SignedIn, shelf: Shelf, numbers: Collection[int], *, leaving: Collection[int]
) -> list[Fragment]:
    """The rows of some conversations that stand on this shelf; those of `leaving` that do not are gone."""
    rows = shelf.rows_among(request.user, numbers)
    left = set(leaving) - {row.id for row in rows}
    return [
        *(gone(f"row_{number}") for number in sorted(left)),
        *(Fragment("", into="rows", swap="afterbegin", drawn=row.html) for row in rows),
    ]
