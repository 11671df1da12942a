"""Settling names: a condition that names a colleague, a team or a tag holds whatever they are called later.

What was typed is looked up once and kept as a number, and shown again by the name of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from rapport.conversations.stating_conditions import BadFilter, Condition, Filter
from rapport.kernel.asking import ask

#: By field: the table, what it is shown by, and how it may be called. A room above adds what only it knows.
NAMED: dict[str, tuple[str, str, str]] = {
    "owner": (
        "accounts_agent",
        "email",
        "lower({name}) IN (lower(email), lower(name), lower(split_part(name, ' ', 1)))",
    ),
    "team": ("accounts_team", "name", "lower(name) = lower({name})"),
    "brand": ("accounts_brand", "name", "lower(name) = lower({name})"),
    "tag": ("conversations_tag", "name", "lower(name) = lower({name})"),
    "organisation": (
        "customers_organisation",
        "name",
        "(lower(name) = lower({name}) OR lower(domain) = lower({name}) AND domain <> '')",
    ),
}
_MOST = 2


def settle_names(asked: Filter) -> Filter:
    """The filter with a number for each name. Raises BadFilter for a name that nobody or that two bear."""
    open_ones = [each for each in asked.conditions if not each.is_settled]
    if not open_ones:
        return asked
    found = _look_up(open_ones)
    settled = {}
    for place, condition in enumerate(open_ones):
        numbers = found.get(place, [])
        if len(numbers) != 1:
            raise BadFilter(
                _("There is no “{value}” for {name}.")
                if not numbers
                else _("More than one is called “{value}” ({name}); choose one from the list."),
                value=condition.value[:60],
                name=condition.field,
            )
        settled[condition] = replace(condition, value=f"#{numbers[0]}")
    return replace(asked, conditions=tuple(settled.get(each, each) for each in asked.conditions))


def name_numbers(conditions: Iterable[Condition]) -> list[Condition]:
    """The conditions as people read them: with the names that their numbers have today."""
    all_of = list(conditions)
    numbered = [each for each in all_of if each.number is not None and each.field in NAMED]
    if not numbered:
        return all_of
    parts = [
        f"SELECT {place}, {shown}::text FROM {table} WHERE id = %(n{place})s"  # noqa: S608
        for place, (table, shown, _how) in enumerate(NAMED[each.field] for each in numbered)
    ]
    parameters = {f"n{place}": each.number for place, each in enumerate(numbered)}
    names: dict[int, str] = dict(ask(" UNION ALL ".join(parts), parameters))
    shown = {
        each: replace(each, value=names[place])
        for place, each in enumerate(numbered)
        if names.get(place)
    }
    return [shown.get(each, each) for each in all_of]


def _look_up(conditions: Sequence[Condition]) -> dict[int, list[int]]:
    """Up to two numbers for each, by its place."""
    parts, parameters = [], {}
    for place, condition in enumerate(conditions):
        if condition.field not in NAMED:
            continue
        table, _shown, how = NAMED[condition.field]
        met = how.format(name=f"%(n{place})s::text")
        parts.append(f"(SELECT {place}, id FROM {table} WHERE {met} ORDER BY id LIMIT {_MOST})")  # noqa: S608
        parameters[f"n{place}"] = condition.value.lstrip("#")
    found: dict[int, list[int]] = {}
    for place, number in ask(" UNION ALL ".join(parts), parameters) if parts else []:
        found.setdefault(place, []).append(number)
    return found
