"""History: every conversation of a customer over all channels, as one line of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext

from rapport.accounts.models import Agent
from rapport.conversations.models import State
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import Question, ask
from rapport.web.inbox.rows import ICONS
from rapport.web.kit.moments import say_date
from rapport.web.kit.paging import Key, Page, cut_page

PAGE = 40
#: Which states may be asked for, merged ones excepted: they went on in another.
STATES = tuple(state for state in State if state not in (State.MERGED, State.SIDE))
HISTORY = """
SELECT c.id, c.subject, c.preview, c.language, c.state, c.channel_kind, c.opened_at, c.last_message_at,
       c.message_count, a.name
FROM conversations_conversation c LEFT JOIN accounts_agent a ON a.id = c.assignee_id
WHERE c.customer_id = %(customer)s AND c.state <> 'merged' AND {seen}{more}
ORDER BY c.last_message_at DESC, c.id DESC LIMIT {limit}
"""
CHANNELS = """
SELECT DISTINCT c.channel_kind FROM conversations_conversation c
WHERE c.customer_id = %(customer)s AND c.state <> 'merged' AND {seen}
"""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of the history is wanted; nothing is all."""

    state: str = ""
    channel: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Narrowing:
        """Out of an address; what is no state is none."""
        state = query.get("state", "")
        channel = query.get("channel", "")[:16].replace("\x00", "")
        return cls(state if state in {each.value for each in STATES} else "", channel)


class Matter(NamedTuple):
    """A conversation in the history."""

    id: int
    subject: str
    preview: str
    language: str
    state: str
    channel: str
    opened_at: datetime
    last_at: datetime
    messages: int
    owner: str | None

    @property
    def key(self) -> Key:
        return Key(self.last_at, self.id)

    @property
    def icon(self) -> str:
        return ICONS.get(self.channel, "chat")

    @property
    def channel_name(self) -> str:
        return say_channel(self.channel)

    @property
    def state_name(self) -> str:
        return "" if self.state == State.OPEN else str(State(self.state).label)

    @property
    def title(self) -> str:
        return self.subject or gettext("No subject")


class Day(NamedTuple):
    """A heading of the line of time, and what stands below it."""

    name: str
    matters: list[Matter]


def history_question(
    number: int, *, agent: Agent, narrowing: Narrowing, after: Key | None = None
) -> Question:
    """What `history` asks."""
    seen, parameters = sight_of(agent)
    more, values = "", dict[str, Any](customer=number)
    if narrowing.state:
        more, values = f"{more} AND c.state = %(state)s", {**values, "state": narrowing.state}
    if narrowing.channel:
        more += " AND c.channel_kind = %(channel)s"
        values["channel"] = narrowing.channel
    if after:
        more += " AND (c.last_message_at, c.id) < (%(at)s, %(id)s)"
        values |= {"at": after.at, "id": after.id}
    statement = HISTORY.format(seen=seen, more=more, limit=PAGE + 1)
    return Question(statement, parameters | values)


def history(
    number: int, *, agent: Agent, narrowing: Narrowing, after: Key | None = None
) -> Page[Matter]:
    """A page of what somebody wrote about, the newest words first, as far as the reader may see it."""
    question = history_question(number, agent=agent, narrowing=narrowing, after=after)
    found = [Matter(*row) for row in ask(*question)]
    return cut_page(found, size=PAGE, key_of=lambda matter: matter.key)


def channels_question(number: int, *, agent: Agent) -> Question:
    """What `channels_of` asks."""
    seen, parameters = sight_of(agent)
    return Question(CHANNELS.format(seen=seen), {**parameters, "customer": number})


def channels_of(number: int, *, agent: Agent) -> list[tuple[str, str]]:
    """The kinds of channels by which somebody wrote, each with its name."""
    found = ask(*channels_question(number, agent=agent))
    return sorted((kind, say_channel(kind)) for (kind,) in found if kind)


def say_channel(kind: str) -> str:
    """The name of a kind of channel; its own word where it has no other."""
    return {"email": gettext("mail"), "phone": gettext("phone")}.get(kind, kind)


def days_of(page: Page[Matter]) -> list[Day]:
    """The same under the days of the newest words."""
    days: list[Day] = []
    for matter in page.rows:
        name = say_date(matter.last_at)
        if not days or days[-1].name != name:
            days.append(Day(name, []))
        days[-1].matters.append(matter)
    return days
