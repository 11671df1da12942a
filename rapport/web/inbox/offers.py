"""Offers: what may be meant behind a sign that somebody types into the composer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.accounts.models import Agent
from rapport.conversations.filling import fill_template
from rapport.conversations.mentioning import suggest_mentions
from rapport.conversations.models import Conversation
from rapport.conversations.templating import find_templates, text_for
from rapport.kernel.text.naming_emoji import find_emoji
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.fragments import Fragment, fragments
from rapport.web.kit.verbs import SignedIn, verbs

LONGEST = 60
MOST = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to choose: what is shown, and what stands in the words then."""

    title: str
    inserts: str
    sign: str = ""
    hint: str = ""


def show(request: SignedIn, number: int) -> HttpResponse:
    """Those that fit `q` behind `sign`; none for a sign that means nothing."""
    conversation = conversation_for(request, number)
    find = FINDERS.get(request.GET.get("sign", ""))
    begins = request.GET.get("q", "")[:LONGEST]
    offers = find(begins, conversation, request.user) if find else []
    return fragments(request, Fragment("inbox/offers/_list.html", {"offers": offers}))


def _emoji(begins: str, _conversation: Conversation, _agent: Agent) -> list[Offer]:
    found = find_emoji(begins, limit=MOST)
    return [Offer(each.name, each.sign, sign=each.sign) for each in found]


def _colleagues(begins: str, conversation: Conversation, agent: Agent) -> list[Offer]:
    found = suggest_mentions(conversation, begins=begins, besides=agent)
    return [Offer(each.agent.name, f"@{each.form} ", sign="@") for each in found if each.may_see]


def _templates(begins: str, conversation: Conversation, agent: Agent) -> list[Offer]:
    """Filled already; the hint says what is not known."""
    offers = []
    for template in find_templates(agent, begins=begins):
        text = text_for(template, language=conversation.language)
        filled = fill_template(text, conversation=conversation, agent=agent)
        hint = f"/{template.shortcut}" if template.shortcut else ""
        if filled.missing:
            hint = gettext("not known: {names}").format(names=", ".join(filled.missing))
        offers.append(Offer(template.title, filled.text, hint=hint))
    return offers


FINDERS: dict[str, Callable[[str, Conversation, Agent], list[Offer]]] = {
    ":": _emoji,
    "@": _colleagues,
    "/": _templates,
}

offers = verbs(get=show)
