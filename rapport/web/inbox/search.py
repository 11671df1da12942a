"""Search over all conversations that the reader may see, the newest words first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from rapport.conversations.searching import Hit, search_messages
from rapport.kernel.text.highlighting import Span
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.paging import Page
from rapport.web.kit.verbs import SignedIn, verbs

PAGE = 20


@dataclass(frozen=True, slots=True)
class Result:
    """A hit as it is shown: what was found is marked in the subject and in a line of the words."""

    href: str
    ref: str
    who: str
    author: str
    subject: SafeString
    words: SafeString
    lang: str
    at: datetime
    is_note: bool


def show(request: SignedIn) -> HttpResponse:
    """The page of hits; further ones come as a fragment."""
    words = request.GET.get("q", "").strip()
    after = request.GET.get("after", "")
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    hits = search_messages(request.user, words, limit=PAGE + 1, before=before)
    context = {"q": words, "page": _page(hits)}
    if after and is_partial(request):
        return fragments(request, Fragment("inbox/search/_results.html", context))
    return render(request, "inbox/search/show.html", context)


def _page(hits: Sequence[Hit]) -> Page[Result]:
    shown = [_result(hit) for hit in hits[:PAGE]]
    return Page(shown, str(hits[PAGE - 1].message.pk) if len(hits) > PAGE else "")


def _result(hit: Hit) -> Result:
    message, conversation = hit.message, hit.message.conversation
    subject = message.subject or conversation.subject
    spans = hit.subject_spans if message.subject else ()
    return Result(
        href=f"/inbox/conversations/{conversation.ref}#message_{message.pk}",
        ref=conversation.ref,
        who=conversation.customer.name,
        author=message.author_name,
        subject=marked(subject, spans),
        words=marked(hit.snippet.text, hit.snippet.spans),
        lang=message.language or conversation.language,
        at=message.sent_at,
        is_note=message.direction == "note",
    )


def marked(text: str, spans: Sequence[Span]) -> SafeString:
    """The text, escaped, with the spans (in order, apart) marked."""
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        parts += escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"
        end = stop
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - every part is escaped


search = verbs(get=show)
