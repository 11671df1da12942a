"""Updates: everything on the page that changed since a position, as the same fragments as the page itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse

from rapport.accounts.models import Agent
from rapport.conversations.access import streams_of
from rapport.kernel.journal.following import read_after
from rapport.kernel.journal.models import Entry
from rapport.kernel.journal.positions import Position
from rapport.web.inbox.counting import counts_for
from rapport.web.inbox.desk import shelf_links
from rapport.web.inbox.live import live_of
from rapport.web.inbox.loading import opened_for, shelf_for
from rapport.web.inbox.panes import row_fragments, thread_fragments
from rapport.web.inbox.shelves import Shelf
from rapport.web.inbox.timeline import timeline_of
from rapport.web.kit.fragments import Fragment, fragments
from rapport.web.kit.paging import Key
from rapport.web.kit.verbs import SignedIn, verbs

#: Behind by more than this, a page is brought up whole instead of row by row.
MOST = 300


def show(request: SignedIn) -> HttpResponse:
    """The changed rows, the counts, the open conversation if it changed, and the position for next time."""
    shelf = shelf_for(request, request.GET.get("shelf", "open"))
    number = _number(request.GET.get("conversation", ""))
    opened = opened_for(request, number) if number else None
    anchor = request.GET.get("from", "")
    conversation = opened.conversation if opened else None
    live = live_of(request, shelf=shelf, conversation=conversation, since=anchor)
    parts = [Fragment("inbox/_live.html", {"live": live}, into="live")]
    entries = _entries(request, now=Position.parse(live.since))
    numbers = _numbers(entries or ())
    if entries is None:
        parts += [_whole_list(request, shelf)]
    elif numbers:
        heard = _heard(request.user, entries)
        parts += row_fragments(request, shelf, numbers, leaving=heard)
    if entries is None or numbers:
        parts += [_counts(request, shelf)]
    if opened and (entries is None or number in numbers):
        timeline = timeline_of(opened.conversation, since=Key.parse(anchor))
        parts += thread_fragments(request, opened, timeline=timeline, shelf=shelf)
    return fragments(request, None, *parts)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _entries(request: SignedIn, *, now: Position) -> list[Entry] | None:
    """What happened since; None where that cannot be told or is too much to tell one by one."""
    try:
        since = Position.parse(request.GET.get("since", ""))
    except ValueError:
        return None
    entries = read_after(since, limit=MOST) if since <= now else []
    return entries if since <= now and len(entries) < MOST else None


def _numbers(entries: Sequence[Entry]) -> list[int]:
    """The conversations that the entries are about; whose they are is asked when rows are read."""
    return sorted({e.subject_id for e in entries if e.subject_kind == "conversation"})


def _heard(agent: Agent, entries: Sequence[Entry]) -> set[int]:
    """Those of them that were spoken of on a list of this colleague: they may have to leave it."""
    streams = set(streams_of(agent))
    hears_all = "inbox:*" in streams
    return {
        entry.subject_id
        for entry in entries
        if entry.subject_kind == "conversation"
        and (hears_all or not streams.isdisjoint(entry.streams.split()))
    }


def _whole_list(request: SignedIn, shelf: Shelf) -> Fragment:
    context = {"shelf": shelf, "page": shelf.page(request.user)}
    return Fragment("inbox/lists/_rows.html", context, into="rows", swap="innerMorph")


def _counts(request: SignedIn, shelf: Shelf) -> Fragment:
    links = shelf_links(counts_for(request, request.user), here=shelf.name)
    return Fragment("kit/_links.html", {"links": links}, into="shelves", swap="innerMorph")


updates = verbs(get=show)
