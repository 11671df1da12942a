"""The person: who writes to us, how they are reached, and what else they wrote about."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from rapport.accounts.models import Agent
from rapport.conversations.models import Conversation, State
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import Question, ask
from rapport.web.inbox.about import About, about
from rapport.web.inbox.loading import Opened
from rapport.web.inbox.rows import ICONS
from rapport.web.kit.moments import say_moment_briefly

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
    """A customer beside a conversation: who they are, who else takes part, what else they wrote about."""

    about: About
    others: tuple[Other, ...]
    participants: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.about.name


def person_of(opened: Opened, *, agent: Agent) -> Person:
    """The customer of a conversation, with what this colleague may see of them."""
    return Person(
        about(opened.conversation.customer_id, agent=agent),
        tuple(others_of(opened.conversation, agent=agent)),
        tuple(opened.others_here[:MOST_NAMES]),
    )


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
