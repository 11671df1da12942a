"""Filtering: which conversations meet a filter, as a condition on `c` that the database can keep cheap.

What an index can find stands apart from what must be looked at row by row: a list reads the first and judges a
bounded stretch of it by the second, however long the history is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from rapport.accounts.models import Agent
from rapport.conversations.access import team_ids
from rapport.conversations.comparing import Values, compare, is_address
from rapport.conversations.settling_names import settle_names
from rapport.conversations.stating_conditions import FIELDS, ID, OWN_MARKS, Condition
from rapport.conversations.wording_filters import read_filter
from rapport.kernel import clock

WORKING = {"open", "snoozed"}
#: Those that are about the customer: they may change without a word about the conversation.
OF_CUSTOMERS = {"from", "organisation", "attribute"}
_AT_WORK = "c.state IN ('open', 'snoozed')"
_HIDDEN = "c.state NOT IN ('spam', 'merged', 'side')"


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter for one reader. `found` is what an index serves, `judged` ("" for nothing) what else must hold.

    `is_timed` says that time alone makes it hold or not, `of_customers` that a change of a customer does.
    `is_unspoken` says that the journal does not tell all that makes it hold (drafts are their writer's alone),
    `of_glances` that what a colleague has read does.
    `is_narrow` says that it holds for what is at work or for what is somebody's: that much can be counted.
    """

    found: str
    judged: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    is_timed: bool = False
    of_customers: bool = False
    is_narrow: bool = False
    is_unspoken: bool = False
    of_glances: bool = False

    @property
    def where(self) -> str:
        """All that must hold."""
        return f"{self.found} AND {self.judged}" if self.judged else self.found


def ask_filter(text: str, *, agent: Agent, prefix: str = "f") -> tuple[Asked, str]:
    """What somebody typed, ready to be asked, and the words that are left. Raises BadFilter."""
    asked = settle_names(read_filter(text))
    return filter_for(agent, asked.conditions, prefix=prefix), asked.words


def filter_for(agent: Agent, conditions: Iterable[Condition], *, prefix: str = "f") -> Asked:
    """The conditions as this reader asks them, at this minute; their names must be settled.

    The parameters have names of their own (`prefix`), but for `me` and `mine`, the reader and their teams.
    """
    minute = clock.now().replace(second=0, microsecond=0)
    made = _made(tuple(conditions), prefix, minute, ZoneInfo(_zone_of(agent)))
    named = dict(made.parameters) | {"me": agent.pk}
    if "%(mine)s" in made.where:
        named["mine"] = team_ids(agent)
    return replace(made, parameters=named)


def _zone_of(agent: Agent) -> str:
    try:
        ZoneInfo(agent.time_zone)
    except (KeyError, ValueError):
        return "UTC"
    return agent.time_zone


@lru_cache(maxsize=4096)
def _made(conditions: tuple[Condition, ...], prefix: str, now: Any, zone: ZoneInfo) -> Asked:
    values = Values(prefix, now, zone)
    states = {c.value for c in conditions if c.field == "state" and not c.is_negated}
    is_waiting = any(map(_is_about_waiting, conditions)) and not states
    is_at_work = is_waiting or (bool(states) and states <= WORKING)
    found, judged = [_AT_WORK if is_waiting else _HIDDEN] if not states else [], list[str]()
    is_narrow = is_at_work
    for group in _groups(conditions):
        met = _any_of(group, values)
        if group[0].is_negated:
            met = f"({met}) IS NOT TRUE"
        served = all(
            _is_served(each, is_at_work=is_at_work, has_state=bool(states)) for each in group
        )
        (found if served else judged).append(met)
        is_narrow = is_narrow or (served and all(map(_is_of_one, group)))
    return Asked(
        " AND ".join(found),
        " AND ".join(judged),
        values.named,
        values.is_timed,
        any(each.field in OF_CUSTOMERS for each in conditions),
        is_narrow,
        any(each.field == "mark" and each.value == "draft" for each in conditions),
        any(each.field == "mark" and each.value == "unread" for each in conditions),
    )


def _groups(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """What belongs together: alternatives of a field that has one value; all others stand alone."""
    groups: dict[Any, list[Condition]] = {}
    for place, each in enumerate(conditions):
        is_choice = FIELDS[each.field].is_single and each.operator == "is" and not each.is_negated
        groups.setdefault(each.field if is_choice else place, []).append(each)
    return list(groups.values())


def _any_of(group: list[Condition], values: Values) -> str:
    if len(group) > 1 and group[0].field == "state":
        return "c.state IN ({})".format(", ".join(f"'{each.value}'" for each in group))
    met = [compare(each, values) for each in group]
    return met[0] if len(met) == 1 else f"({' OR '.join(met)})"


def _is_about_waiting(condition: Condition) -> bool:
    """Whether it holds only where a customer waits, and so for nothing that is at rest."""
    is_one = condition.field == "waiting" or condition.value == "unanswered"
    return is_one and not condition.is_negated


def _is_served(condition: Condition, *, is_at_work: bool, has_state: bool) -> bool:
    """Whether an index finds it: beginning with what is at work, with a team's, or with a few rows."""
    if condition.field == "state":
        return True
    if condition.is_negated:
        return False
    if condition.field == "owner":
        return is_at_work
    if condition.field == "team":
        return has_state
    if condition.field == "mark":
        return condition.value in OWN_MARKS or (condition.value == "unanswered" and is_at_work)
    if condition.field in ("tag", "organisation"):
        return condition.value != "none"
    return condition.field == "last" or _is_of_one(condition)


def _is_of_one(condition: Condition) -> bool:
    """Whether it holds for few whatever the history: one reader's marks, one customer's conversations."""
    if condition.field == "from":
        return is_address(condition.value) or bool(ID.fullmatch(condition.value))
    return condition.field == "mark" and condition.value in OWN_MARKS
