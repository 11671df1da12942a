"""Heading: what the head of an open conversation is drawn from, in parts that change for reasons of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language

from rapport.accounts.models import Agent
from rapport.conversations.models import Priority, State
from rapport.kernel import clock
from rapport.web.inbox.loading import Opened
from rapport.web.inbox.times import Preset, presets


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """Until when it can sleep, and how pressing it can be; the same for whoever looks in this minute."""

    presets: Sequence[Preset]


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What states and priorities are called, in one language."""

    states: dict[str, str]
    priorities: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose it is, how pressing, and under which tags; and whether the reader may change that."""

    may_work: bool
    is_mine: bool
    assignee: str
    team: str
    priority: int
    tags: tuple[str, ...]
    names: Names

    @property
    def priority_name(self) -> str:
        return dict(self.names.priorities)[self.priority]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a conversation's pane."""

    state: str
    state_name: str
    is_watched: bool
    offers: Offers
    facts: Facts


def head_of(opened: Opened, *, agent: Agent) -> Head:
    """The head as this colleague sees it."""
    conversation, names = opened.conversation, _names(get_language())
    minute = clock.now().replace(second=0, microsecond=0)
    facts = Facts(
        may_work=agent.may_work,
        is_mine=conversation.assignee_id == agent.pk,
        assignee=conversation.assignee.name if conversation.assignee else "",
        team=conversation.team.name if conversation.team else "",
        priority=conversation.priority,
        tags=tuple(opened.tags),
        names=names,
    )
    offers = _offers(get_language(), timezone.get_current_timezone_name(), minute)
    state = conversation.state
    return Head(state, names.states[state], opened.is_watched, offers, facts)


@lru_cache(maxsize=64)
def _offers(_language: str | None, _zone: str, minute: datetime) -> Offers:
    return Offers(presets(now=minute))


@lru_cache(maxsize=16)
def _names(_language: str | None) -> Names:
    states = {state.value: str(state.label) for state in State}
    return Names(states, [(each.value, str(each.label)) for each in Priority])
