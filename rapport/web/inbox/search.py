"""Search over all conversations that the reader may see, the newest words first."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rapport.conversations.looking_back import ORDINARY, PATIENT
from rapport.conversations.models import Direction
from rapport.conversations.searching import Found, Hit, search_messages
from rapport.kernel.text.highlighting import Span
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.paging import Page
from rapport.web.kit.stencils import Stencil
from rapport.web.kit.tags import when
from rapport.web.kit.verbs import SignedIn, verbs

PAGE = 20


RESULT, NOTE, WITH = (Stencil(f"inbox/search/_{name}.html") for name in ("result", "note", "with"))


class Result(NamedTuple):
    """A hit as it is shown: what was found is marked in the subject and in a line of the words."""

    html: SafeString


def show(request: SignedIn) -> HttpResponse:
    """The page of hits; further ones come as a fragment."""
    words = request.GET.get("q", "").strip()
    after = request.GET.get("after", "")
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    # whoever goes on has pressed for it, and waits for what takes longer
    budget = ORDINARY if before is None else PATIENT
    found = search_messages(request.user, words, limit=PAGE, before=before, budget=budget)
    page = Page([result_of(hit) for hit in found.hits], str(found.after or ""))
    context = {"q": words, "page": page, "since": found.since, "is_further": before is not None}
    if before is not None and is_partial(request):
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
