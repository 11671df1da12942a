"""The person: who writes to us, how they are reached, and what else they wrote about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language_info, gettext

from rapport.accounts.models import Agent
from rapport.conversations.models import Conversation, State
from rapport.conversations.seeing import sight_of
from rapport.customers.models import Customer
from rapport.kernel import clock
from rapport.kernel.asking import Question, ask
from rapport.web.inbox.loading import Known, Opened
from rapport.web.inbox.rows import ICONS
from rapport.web.kit.moments import say_moment_briefly
from rapport.web.kit.reading import zone_of

OTHERS = 10
MOST_NAMES = 20
STATE_ICONS = {State.OPEN: "chat", State.SNOOZED: "moon", State.SOLVED: "check", State.SPAM: "spam"}
OTHERS_OF = """
SELECT c.id, c.subject, c.language, c.state, c.channel_kind, c.last_message_at
FROM conversations_conversation c
WHERE c.customer_id = %(customer)s AND c.id <> %(here)s AND c.state <> 'merged' AND {seen}
ORDER BY c.last_message_at DESC, c.id DESC LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Other:
    """Another conversation of the same customer."""

    number: int
    subject: str
    lang: str
    icon: str
    state: str
    when: str


@dataclass(frozen=True, slots=True)
class Person:
    """Facts of a customer as they are shown."""

    id: int
    name: str
    lang: str
    summary: str
    organisation: str
    identities: Sequence[Known]
    attributes: Sequence[tuple[str, Any]]
    others: Sequence[Other]
    participants: Sequence[str]


def person_of(opened: Opened, *, agent: Agent) -> Person:
    """The customer of a conversation, with what this colleague may see of them."""
    customer = opened.conversation.customer
    return Person(
        customer.pk,
        customer.name or gettext("No name"),
        customer.language,
        " · ".join(filter(None, (_hour(customer), _language(customer.language)))),
        customer.organisation.name if customer.organisation else "",
        opened.identities,
        sorted(
            (key, value) for key, value in customer.attributes.items() if value not in ("", None)
        ),
        others_of(opened.conversation, agent=agent),
        opened.others_here[:MOST_NAMES],
    )


def _hour(customer: Customer) -> str:
    if not customer.time_zone:
        return ""
    here = timezone.localtime(clock.now(), zone_of(customer.time_zone))
    return gettext("{time} there").format(time=f"{here:%H:%M}")


def _language(code: str) -> str:
    try:
        return str(get_language_info(code.lower())["name_local"]) if code else ""
    except KeyError:
        return code


def others_question(conversation: Conversation, *, agent: Agent) -> Question:
    """What `others_of` asks."""
    seen, parameters = sight_of(agent)
    parameters |= {"customer": conversation.customer_id, "here": conversation.pk}
    return Question(OTHERS_OF.format(seen=seen, limit=OTHERS), parameters)


def others_of(conversation: Conversation, *, agent: Agent) -> list[Other]:
    """What else its customer wrote about, as far as this colleague may see it."""
    found = ask(*others_question(conversation, agent=agent))
    return [
        Other(
            number,
            subject or gettext("No subject"),
            language,
            STATE_ICONS.get(State(state), ICONS.get(channel, "chat")),
            str(State(state).label),
            say_moment_briefly(last),
        )
        for number, subject, language, state, channel, last in found
    ]
