"""Tallying: how many conversations meet a definition, without counting them anew whenever one changes.

For each definition and sight this process remembers who meets it, up to a cap, and the place in the journal up to
which that is true. What has changed since is judged again, all definitions in one statement. Only what was never
asked for, or had more than the cap and has lost many, is counted from scratch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from django.db import connection

from rapport.kernel.asking import ask
from rapport.kernel.journal.positions import Position
from rapport.kernel.journal.remembering import Line, Said, numbers_of

#: From so many on it says "more"; so many are remembered, so that few that leave are no reason to count anew.
CAP, KEPT = 100, 200
MOST_JUDGED, MOST_TALLIES, MOST_NUMBERS = 400, 10_000, 500_000
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A condition on `c`, sight included, and parameters; their names are its own but for `me` and the like."""

    where: str
    parameters: Mapping[str, Any]
    of_customers: bool = False
    of_glances: bool = False
    is_unspoken: bool = False

    @property
    def used(self) -> dict[str, Any]:
        """The parameters that it reads."""
        return {k: v for k, v in self.parameters.items() if f"%({k})s" in self.where}

    @property
    def key(self) -> Key:
        """What tells it from every other one."""
        values = ((k, tuple(v) if isinstance(v, list) else v) for k, v in self.used.items())
        return self.where, *sorted(values, key=lambda pair: pair[0])


@dataclass(frozen=True, slots=True)
class Tally:
    """Who meets a definition (`has_more`: beyond those, others), as of a place in the journal."""

    members: frozenset[int]
    has_more: bool
    at: Position
    age: int


@dataclass
class Spent:
    """How much was done since the process began, for benches and tests."""

    counted: int = 0
    judged: int = 0
    remembered: int = 0


@dataclass
class Tallies:
    """What is remembered; the longest unasked goes first when it becomes too much."""

    line: Line = field(default_factory=Line)
    spent: Spent = field(default_factory=Spent)
    _held: OrderedDict[Key, Tally] = field(default_factory=OrderedDict)
    _numbers: int = 0
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Key) -> Tally | None:
        """The tally of this key, if it is remembered."""
        with self._lock:
            tally = self._held.get(key)
            if tally:
                self._held.move_to_end(key)
            return tally

    def hold(self, key: Key, tally: Tally) -> None:
        """Remember it, unless a later one is remembered already."""
        with self._lock:
            before = self._held.get(key)
            if before and (before.age, before.at) > (tally.age, tally.at):
                return
            self._numbers += len(tally.members) - (len(before.members) if before else 0)
            self._held[key] = tally
            self._held.move_to_end(key)
            while len(self._held) > MOST_TALLIES or self._numbers > MOST_NUMBERS:
                _key, gone = self._held.popitem(last=False)
                self._numbers -= len(gone.members)

    def forget(self) -> None:
        """Remember nothing, as a process that has just begun."""
        with self._lock:
            self._held.clear()
            self._numbers = 0
        self.line.forget()

    @property
    def size(self) -> tuple[int, int]:
        """How many tallies are held, and how many numbers in them."""
        return len(self._held), self._numbers


TALLIES = Tallies()


def tally(
    definitions: Sequence[Definition], *, beyond: Said, tallies: Tallies = TALLIES
) -> list[int]:
    """How many meet each definition, up to CAP. The journal's line must just have heard; `beyond` is what it said.

    Within a transaction nothing is remembered: what is seen there may never have been.
    """
    if connection.in_atomic_block:
        tallies.spent.counted += len(definitions)
        return [min(len(found), CAP) for found in _count(definitions)]
    age, end = tallies.line.age, tallies.line.end
    keys = [each.key for each in definitions]
    known, changed = _known(definitions, keys, beyond, tallies)
    known |= _judge(definitions, known, changed, end, tallies)
    anew = [
        place
        for place in range(len(definitions))
        if place not in known or (known[place].has_more and len(known[place].members) < CAP)
    ]
    tallies.spent.counted += len(anew)
    for place, found in zip(anew, _count([definitions[place] for place in anew]), strict=True):
        known[place] = Tally(frozenset(found[:KEPT]), len(found) > KEPT, end, age)
    for place, key in enumerate(keys):
        tallies.hold(key, known[place])
    return [min(len(known[place].members), CAP) for place in range(len(keys))]


def _known(
    definitions: Sequence[Definition], keys: Sequence[Key], beyond: Said, tallies: Tallies
) -> tuple[dict[int, Tally], dict[int, set[int]]]:
    """What is remembered of them, by place, and which conversations must be judged again for each."""
    known: dict[int, Tally] = {}
    changed: dict[int, set[int]] = {}
    heard: dict[tuple[Position, int], frozenset[tuple[str, int]] | None] = {}
    for place, (definition, key) in enumerate(zip(definitions, keys, strict=True)):
        held = None if definition.is_unspoken else tallies.find(key)
        if held is None:
            continue
        when = held.at, held.age
        if when not in heard:
            heard[when] = tallies.line.since(held.at, age=held.age)
        news = heard[when]
        if news is None or (
            definition.of_customers and numbers_of(news | beyond.subjects, "customer")
        ):
            continue
        numbers = numbers_of(news | beyond.subjects, "conversation")
        if definition.of_glances:
            numbers |= numbers_of(news | beyond.subjects, "glance")
        if len(numbers) <= MOST_JUDGED:
            known[place], changed[place] = held, numbers
    return known, changed


def _judge(
    definitions: Sequence[Definition],
    known: Mapping[int, Tally],
    changed: Mapping[int, set[int]],
    end: Position,
    tallies: Tallies,
) -> dict[int, Tally]:
    """The tallies after the changed conversations were looked at, all in one statement."""
    tallies.spent.remembered += len(known) - sum(map(bool, changed.values()))
    places = [place for place in known if changed[place]]
    moved = {place: replace(held, at=end) for place, held in known.items()}
    if not places:
        return moved
    tallies.spent.judged += len(places)
    numbers = set().union(*(changed[place] for place in places))
    met = ", ".join(f"({definitions[place].where})" for place in places)
    statement = (
        f"SELECT c.id, {met} FROM conversations_conversation c"  # noqa: S608
        " WHERE c.id = ANY(%(changed)s::bigint[])"
    )
    rows = ask(
        statement,
        _together([definitions[place] for place in places]) | {"changed": sorted(numbers)},
    )
    for at, place in enumerate(places, 1):
        meets = {row[0] for row in rows if row[at]}
        members = (known[place].members - numbers) | meets
        has_more = known[place].has_more or len(members) > KEPT
        moved[place] = replace(
            known[place], members=frozenset(sorted(members)[:KEPT]), has_more=has_more, at=end
        )
    return moved


def _count(definitions: Sequence[Definition]) -> list[list[int]]:
    """Who meets each of them, one more than is kept at most, counted from scratch."""
    if not definitions:
        return []
    columns = ", ".join(
        f"ARRAY(SELECT c.id FROM conversations_conversation c WHERE {each.where} LIMIT {KEPT + 1})"  # noqa: S608
        for each in definitions
    )
    return list(ask(f"SELECT {columns}", _together(definitions))[0])


def _together(definitions: Sequence[Definition]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for each in definitions:
        parameters |= each.used
    return parameters
