"""Candidates: conversations that another one may be merged with, those of the same customer first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from rapport.accounts.models import Agent
from rapport.conversations.access import visible_to
from rapport.conversations.models import Conversation, State
from rapport.conversations.searching import search_messages
from rapport.web.kit.moments import say_moment_briefly

MOST = 12
REF = re.compile(r"(?:[cC]-)?([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation to choose; `is_theirs` says that it is the same customer's."""

    ref: str
    subject: str
    lang: str
    who: str
    state: str
    when: str
    is_theirs: bool


def candidates_for(conversation: Conversation, *, words: str, agent: Agent) -> Sequence[Candidate]:
    """Those that a number or words lead to, else the customer's own; only what the agent may see."""
    seen = (
        visible_to(agent).exclude(pk=conversation.pk).exclude(state__in=[State.MERGED, State.SPAM])
    )
    if ref := REF.fullmatch(words):
        found = seen.filter(pk=int(ref[1]))
    elif words:
        hits = search_messages(agent, words, limit=MOST * 4).hits
        found = seen.filter(pk__in={hit.message.matter for hit in hits})
    else:
        found = seen.filter(customer=conversation.customer_id)
    newest = list(found.select_related("customer").order_by("-last_message_at", "-pk")[: MOST * 2])
    newest.sort(key=lambda each: each.customer_id != conversation.customer_id)
    return [_candidate(each, conversation) for each in newest[:MOST]]


def _candidate(found: Conversation, beside: Conversation) -> Candidate:
    return Candidate(
        found.ref,
        found.subject or gettext("No subject"),
        found.language,
        str(found.customer),
        str(State(found.state).label),
        say_moment_briefly(found.last_message_at),
        found.customer_id == beside.customer_id,
    )
