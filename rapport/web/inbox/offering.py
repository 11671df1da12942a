"""Offering: where one can go: lists, pages, conversations, customers; by names in any language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.finding_people import find_people
from rapport.conversations.searching import search_messages
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import ask
from rapport.kernel.text.folding import fold, strip_accents
from rapport.web.inbox.desk import make_desk
from rapport.web.settings.sections import sections_for

MOST = 6
LONGEST = 200
CONVERSATIONS = """
SELECT c.id, c.subject, c.language, u.name FROM conversations_conversation c
JOIN customers_customer u ON u.id = c.customer_id
WHERE c.id = ANY(%(ids)s::bigint[]) AND {seen}
"""
#: What buttons are called: who knows the English word finds them in every language.
ACTIONS = (
    _("Solve"), _("Open again"), _("Snooze"), _("Wake up"), _("Take it"), _("Give to somebody"),
    _("Priority"), _("Tag"), _("Reply"), _("Reply to all"), _("Forward"), _("Note"), _("Watch"),
    _("Watch no longer"), _("Merge into another one"), _("Part messages from it"), _("Undo"),
    _("Mark as spam"), _("No spam"), _("Search all conversations"), _("Keys on this page"), _("More"),
)  # fmt: skip


class Offer(NamedTuple):
    """One place: its name, what stands behind it, its sign, its address, and the language of its name."""

    title: str
    beside: str
    icon: str
    href: str
    lang: str = ""


class Group(NamedTuple):
    """Places of one sort, under a title."""

    title: str | Promise
    offers: Sequence[Offer]


def offers_for(
    request: HttpRequest, agent: Agent, words: str, recent: Sequence[int]
) -> list[Group]:
    """What is found for these words; without any the places that one was at last, and the lists."""
    words = words.strip()[:LONGEST]
    places = _places(request, words)
    if not words:
        return _filled(
            Group(gettext("Recent"), _conversations(agent, recent[:MOST])),
            Group(gettext("Go to"), places),
        )
    return _filled(
        Group(gettext("Go to"), places[:MOST]),
        Group(gettext("Conversations"), _found(agent, words)),
        Group(gettext("Customers"), _people(agent, words)),
    )


def english_words() -> dict[str, str]:
    """What the buttons are called in the reader's language, and in English."""
    if (get_language() or "en").startswith("en"):
        return {}
    with translation.override("en"):
        english = [str(each) for each in ACTIONS]
    return dict(zip(map(str, ACTIONS), english, strict=True))


def _filled(*groups: Group) -> list[Group]:
    return [group for group in groups if group.offers]


def _places(request: HttpRequest, words: str) -> list[Offer]:
    """Lists and pages whose name, here or in English, has all the words."""
    shown = _all_places(request)
    if not words:
        return shown
    with translation.override("en"):
        english = [offer.title for offer in _all_places(request)]
    sought = _plain(words).split()
    return [
        offer
        for offer, other in zip(shown, english, strict=True)
        if _has(offer.title, sought) or _has(other, sought)
    ]


def _all_places(request: HttpRequest) -> list[Offer]:
    side, settings = make_desk(request).side, gettext("Settings")
    groups = (*side.saved, *side.groups)
    links = [*side.shelves, *(link for group in groups for link in group.views), *side.links]
    return [
        *(Offer(link.title, link.count, link.icon, link.href) for link in links),
        *(Offer(str(s.title), settings, s.icon, s.href) for s in sections_for(request)),
    ]


def _plain(text: str) -> str:
    return strip_accents(fold(text))


def _has(title: str, sought: Iterable[str]) -> bool:
    plain = _plain(title)
    return all(word in plain for word in sought)


def _conversations(agent: Agent, numbers: Sequence[int]) -> list[Offer]:
    """These conversations in this order, as far as they may be seen."""
    if not numbers:
        return []
    seen, parameters = sight_of(agent)
    rows = ask(CONVERSATIONS.format(seen=seen), {**parameters, "ids": list(numbers)})
    found = {row[0]: _conversation(*row) for row in rows}
    return [found[number] for number in numbers if number in found]


def _conversation(number: int, subject: str, language: str, who: str) -> Offer:
    beside = f"C-{number} · {who}" if who else f"C-{number}"
    href = reverse("inbox:conversation", args=[number])
    return Offer(subject or gettext("No subject"), beside, "chat", href, language)


def _found(agent: Agent, words: str) -> list[Offer]:
    """The one of this number; those in which it was said, each once."""
    number = words.upper().removeprefix("C-")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return _conversations(agent, [int(number)])
    hits = [hit.message for hit in search_messages(agent, words, limit=2 * MOST).hits]
    matters = {m.matter: m for m in hits}
    return [
        _conversation(m.matter, m.matter_subject, m.matter_language, m.customer_name)
        for m in list(matters.values())[:MOST]
    ]


def _people(agent: Agent, words: str) -> list[Offer]:
    """Customers, each with all that was said to them."""
    return [
        Offer(
            met.name or met.address,
            met.address,
            "user",
            reverse("inbox:customer", args=[met.id]),
        )
        for met in find_people(agent, words, limit=MOST)
    ]
