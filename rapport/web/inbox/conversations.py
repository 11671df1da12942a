"""A conversation with its thread, its customer and the shelf it was opened from."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render

from rapport.conversations.drafting import drafts_of, drafts_question
from rapport.conversations.marking_read import mark_read
from rapport.conversations.models import Conversation
from rapport.kernel.asking import asked_together
from rapport.web.inbox.bell import bell_fragment, read_by_opening
from rapport.web.inbox.bulks import choosing
from rapport.web.inbox.composing import composer_context, draft_to_answer, restored
from rapport.web.inbox.live import live_of
from rapport.web.inbox.loading import Opened, opened_for
from rapport.web.inbox.panes import (
    open_conversation,
    pane_questions,
    row_fragments,
    shelf_asked,
    thread_context,
)
from rapport.web.inbox.timeline import timeline_of
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.paging import Key
from rapport.web.kit.verbs import SignedIn, verbs


def show(request: SignedIn, number: int) -> HttpResponse:
    """The whole page; or for htmx the thread, with the other panes for their places."""
    opened = opened_for(request, number)
    conversation = opened.conversation
    before, after = (Key.parse(request.GET.get(name, "")) for name in ("before", "after"))
    if before and is_partial(request):
        return fragments(request, _older(conversation, before))
    if after and is_partial(request):
        return _later(request, opened, after)
    shelf, was_unread = shelf_asked(request, conversation), _read(request, opened)
    own = drafts_question(conversation, agent=request.user)
    with asked_together([*pane_questions(request, opened, shelf=shelf), own]):
        context = open_conversation(request, opened, shelf=shelf)
        is_read = read_by_opening(request, conversation)
        kept = drafts_of(conversation, agent=request.user)
        draft = draft_to_answer(conversation, timeline=context["timeline"])
        draft = restored(draft, kept, kind=request.GET.get("draft", ""))
        context = composer_context(request, conversation, draft, kept=kept) | context
        if not is_partial(request):
            context |= {"page": shelf.page(request.user), **choosing(request)}
    if is_partial(request):
        person = Fragment("inbox/conversations/_person.html", context, into="person")
        live = Fragment("inbox/_live.html", context, into="live")
        thread = Fragment("inbox/conversations/_opened.html", context)
        rows = row_fragments(request, shelf, [number], leaving=()) if was_unread else []
        bell = [bell_fragment(request)] if is_read else []
        return fragments(request, thread, person, live, *rows, *bell)
    if before or after:
        context["timeline"] = timeline_of(conversation, before=before, after=after)
    return render(request, "inbox/conversations/show.html", context)


def _read(request: SignedIn, opened: Opened) -> bool:
    """Whoever opens it has read what stands there; True where that was news."""
    if not opened.is_unread or request.method != "GET":
        return False
    newest = opened.conversation.last_message_id or 0
    return mark_read(opened.conversation, by=request.user.actor, up_to=newest)


def _older(conversation: Conversation, before: Key) -> Fragment:
    timeline = timeline_of(conversation, before=before)
    context = {"timeline": timeline, "is_older": True}
    return Fragment("inbox/conversations/_older.html", context)


def _later(request: SignedIn, opened: Opened, after: Key) -> HttpResponse:
    """The page behind a key; with the last one the thread goes on live from there."""
    shelf = shelf_asked(request, opened.conversation)
    live = live_of(request, shelf=shelf, conversation=opened.conversation)
    timeline = timeline_of(opened.conversation, after=after)
    context = thread_context(request, opened, timeline=timeline, shelf=shelf)
    page = Fragment("inbox/conversations/_later.html", context | {"is_later": True})
    if timeline.later:
        return fragments(request, page)
    anchored = replace(live, updates=f"{live.updates}&from={timeline.since}")
    return fragments(request, page, Fragment("inbox/_live.html", {"live": anchored}, into="live"))


conversation = verbs(get=show)
