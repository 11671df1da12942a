"""Counting: how many conversations stand on each shelf, to a hundred; more than that nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest

from rapport.accounts.models import Agent
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import Question, ask
from rapport.kernel.journal.positions import START, Position
from rapport.web.inbox.shelves import SHELVES

MOST = 100
COMPANY = "(SELECT name FROM accounts_company ORDER BY id LIMIT 1)"
COUNT = """(SELECT count(*) FROM (
    SELECT FROM conversations_conversation c WHERE {where} AND {seen} LIMIT {most}) x)"""
#: The last entry behind which nothing that is still being written can appear.
NOW = """SELECT era, xid, id FROM journal_entry
         WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         ORDER BY era DESC, xid DESC, id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Counts:
    """The company's name, the counts as they are shown ("99+" from a hundred on, nothing for none), and
    the journal's position at which this was so.
    """

    company: str
    shelves: dict[str, str]
    position: Position


def counts_for(request: HttpRequest, agent: Agent) -> Counts:
    """The counts of whoever asks, as they were when this request first wanted them."""
    counted: Counts | None = getattr(request, "counts", None)
    if counted is None:
        counted = request.counts = count_shelves(agent)  # type: ignore[attr-defined]
    return counted


def count_shelves(agent: Agent) -> Counts:
    """What the side of every page says, and where its live updates go on from, in one statement."""
    company, era, xid, number, *counts = ask(*counts_question(agent))[0]
    shown = (f"{MOST - 1}+" if count >= MOST else str(count or "") for count in counts)
    position = START if era is None else Position(era, xid, number)
    return Counts(company or "", dict(zip(_counted(), shown, strict=True)), position)


def counts_question(agent: Agent) -> Question:
    """What `count_shelves` asks."""
    seen, parameters = sight_of(agent)
    return Question(_statement(seen), parameters)


@lru_cache(maxsize=8)
def _statement(seen: str) -> str:
    shelves = (SHELVES[name] for name in _counted())
    counts = (COUNT.format(where=shelf.where, seen=seen, most=MOST) for shelf in shelves)
    columns = ", ".join([COMPANY, "n.era", "n.xid", "n.id", *counts])
    return f"SELECT {columns} FROM (SELECT) one LEFT JOIN ({NOW}) n ON true"  # noqa: S608


def _counted() -> list[str]:
    return [shelf.name for shelf in SHELVES.values() if shelf.is_counted]
