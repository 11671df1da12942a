"""Search over all conversations that the reader may see, the newest words first."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rapport.conversations.filtering import Asked, filter_for
from rapport.conversations.looking_back import ORDINARY, PATIENT
from rapport.conversations.models import Direction
from rapport.conversations.searching import Found, Hit, search_messages
from rapport.conversations.settling_names import settle_names
from rapport.conversations.stating_conditions import BadFilter
from rapport.conversations.wording_filters import read_filter
from rapport.kernel.text.highlighting import Span
from rapport.web.inbox.saved import make_shelf
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.paging import Key, Page
from rapport.web.kit.stencils import Stencil
from rapport.web.kit.tags import when
from rapport.web.kit.verbs import SignedIn, verbs

PAGE = 20


RESULT, NOTE, WITH = (Stencil(f"inbox/search/_{name}.html") for name in ("result", "note", "with"))


class Result(NamedTuple):
    """A hit as it is shown: what was found is marked in the subject and in a line of the words."""

    html: SafeString


def show(request: SignedIn) -> HttpResponse:
    """The page of hits; further ones come as a fragment. Without a word, the conversations that are asked for."""
    text, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    try:
        typed = read_filter(text)
        conditions = settle_names(typed).conditions
    except BadFilter as fault:
        return _answer(
            request, {"q": text, "page": Page([]), "fault": str(fault)}, is_further=False
        )
    if conditions and not typed.words:
        shelf = make_shelf(request.user, "search", "", conditions)
        page = shelf.page(request.user, after=Key.parse(after))
        context: dict[str, Any] = {"q": text, "page": page, "shelf": shelf}
        return _answer(request, context, is_further=bool(after))
    within = filter_for(request.user, conditions) if conditions else None
    return _search(request, text, typed.words, after, within)


def _search(
    request: SignedIn, text: str, words: str, after: str, within: Asked | None
) -> HttpResponse:
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    # whoever goes on has pressed for it, and waits for what takes longer
    budget = ORDINARY if before is None else PATIENT
    agent = request.user
    found = search_messages(agent, words, limit=PAGE, before=before, budget=budget, within=within)
    page = Page([result_of(hit) for hit in found.hits], str(found.after or ""))
    context = {"q": text, "page": page, "since": found.since}
    return _answer(request, context, is_further=before is not None)


def _answer(request: SignedIn, context: dict[str, Any], *, is_further: bool) -> HttpResponse:
    context |= {"is_further": is_further}
    if is_further and is_partial(request):
        return fragments(request, Fragment("inbox/search/_results.html", context))
    return render(request, "inbox/search/show.html", context)


def result_of(hit: Hit) -> Result:
    """A hit, drawn."""
    message = hit.message
    subject = message.subject or message.matter_subject
    spans = hit.subject_spans if message.subject else ()
    lang = message.language or message.matter_language
    ref = f"C-{message.matter}"
    html = RESULT(
        href=f"/inbox/conversations/{ref}?message={message.pk}#m-{message.pk}",
        lang=format_html(' lang="{}"', lang) if lang else "",
        subject=marked(subject, spans) or gettext("No subject"),
        when=when(message.sent_at),
        words=marked(hit.snippet.text, hit.snippet.spans),
        ref=ref,
        author=message.author_name,
        beside=_beside(message),
    )
    return Result(html)


def _beside(message: Found) -> SafeString | str:
    if message.direction == Direction.NOTE:
        return NOTE(word=gettext("note"))
    who = message.customer_name
    return WITH(word=gettext("with"), who=who) if message.author_name != who else ""


def marked(text: str, spans: Sequence[Span]) -> SafeString:
    """The text, escaped, with the spans (in order, apart) marked."""
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        parts += escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"
        end = stop
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - every part is escaped


search = verbs(get=show)
