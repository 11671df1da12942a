"""Saved views as shelves: what the desk's statement tells of them becomes lists like the built-in ones."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.filtering import filter_for
from rapport.conversations.locking import Refusal
from rapport.conversations.stating_conditions import Condition
from rapport.conversations.wording_filters import read_filter
from rapport.web.inbox.orders import NEWEST, ORDERS, WAITING
from rapport.web.inbox.shelves import Shelf

#: A column: the views that stand at the side of `me`, as JSON, in their order.
VIEWS = """(SELECT json_agg(json_build_array(v.id, v.title, v.icon, v.query, v."order", v.hidden,
                                 v.owner_id IS NOT NULL, t.name)
                 ORDER BY v.owner_id IS NULL, t.name NULLS LAST, v.place, v.id)::text
 FROM conversations_savedview v LEFT JOIN accounts_team t ON t.id = v.team_id
 WHERE v.ended_at IS NULL AND (v.owner_id = %(me)s OR v.team_id = ANY(%(mine)s::bigint[])
                               OR (v.owner_id IS NULL AND v.team_id IS NULL)))"""
NAME = re.compile(r"view-(\d{1,18})", re.A)
EMPTY = _("What meets the conditions of this view stands here.")


@dataclass(frozen=True, slots=True)
class Saved:
    """A view as its row tells it. `team` is whose it is, "" for a private one and for everybody's."""

    number: int
    title: str
    icon: str
    query: str
    order: str
    hidden: tuple[str, ...]
    is_private: bool
    team: str

    @property
    def name(self) -> str:
        """Its place in addresses."""
        return f"view-{self.number}"


@lru_cache(maxsize=1024)
def read_views(text: str | None) -> Sequence[Saved]:
    """The views that the column told of."""
    return [
        Saved(number, title, icon, query, order, tuple(hidden), is_private, team or "")
        for number, title, icon, query, order, hidden, is_private, team in json.loads(text or "[]")
    ]


def shelf_of_view(agent: Agent, view: Saved) -> Shelf:
    """The list of a view, as this colleague reads it at this minute."""
    return make_shelf(
        agent, view.name, view.title, _conditions(view.query),
        icon=view.icon, order=view.order, hidden=view.hidden,
    )  # fmt: skip


def make_shelf(
    agent: Agent,
    name: str,
    title: str,
    conditions: Sequence[Condition],
    *,
    icon: str = "eye",
    order: str = "newest",
    hidden: Sequence[str] = (),
) -> Shelf:
    """A list of what meets some conditions. Nothing can be read where there is none."""
    asked = filter_for(agent, conditions, prefix=f"{name.replace('-', '_')}_")
    chosen = ORDERS.get(order, NEWEST)
    waits = " AND c.waiting_since IS NOT NULL" if chosen is WAITING else ""
    return Shelf(
        name,
        title,
        icon,
        (asked.found if conditions else "false") + waits,
        EMPTY,
        order=chosen,
        is_counted=asked.is_narrow,
        judged=asked.judged,
        values=asked.parameters,
        hidden=frozenset(hidden),
        of_customers=asked.of_customers,
        of_glances=asked.of_glances,
        is_unspoken=asked.is_unspoken,
    )


@lru_cache(maxsize=4096)
def _conditions(query: str) -> tuple[Condition, ...]:
    """What was kept; nothing where a later version cannot read it any more."""
    try:
        return read_filter(query).conditions
    except Refusal:
        return ()
