"""Counting: how many conversations stand on each shelf, to a hundred; more than that nobody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.http import HttpRequest

from rapport.accounts.models import Agent
from rapport.conversations.access import team_ids
from rapport.conversations.seeing import sight_of
from rapport.conversations.tallying import CAP, TALLIES, Definition, tally
from rapport.kernel.asking import Question, ask
from rapport.kernel.journal.positions import START, Position
from rapport.kernel.journal.remembering import READ
from rapport.web.inbox.saved import VIEWS, Saved, read_views, shelf_of_view
from rapport.web.inbox.shelves import SHELVES, Shelf

COMPANY = "(SELECT name FROM accounts_company ORDER BY id LIMIT 1)"
#: The last entry behind which nothing that is still being written can appear.
NOW = """SELECT era, xid, id FROM journal_entry
         WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         ORDER BY era DESC, xid DESC, id DESC LIMIT 1"""
#: What the side of every page is made of, and what was said since this process read the journal last.
GROUND = f"""SELECT {COMPANY}, n.era, n.xid, n.id, {VIEWS}, {READ}
FROM (SELECT) one LEFT JOIN ({NOW}) n ON true"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Counts:
    """The company's name, the counts as they are shown ("99+" from a hundred on, nothing for none), the
    colleague's saved views with their lists, and the journal's position at which this was so.
    """

    company: str
    shelves: Mapping[str, str]
    position: Position
    saved: Sequence[Saved] = ()
    lists: Mapping[str, Shelf] = field(default_factory=dict)


def counts_for(request: HttpRequest, agent: Agent) -> Counts:
    """The counts of whoever asks, as they were when this request first wanted them."""
    counted: Counts | None = getattr(request, "counts", None)
    if counted is None:
        counted = request.counts = count_shelves(agent)  # type: ignore[attr-defined]
    return counted


def questions_ahead(request: HttpRequest, agent: Agent) -> list[Question]:
    """What `counts_for` will ask first, if it was not asked already."""
    return [] if hasattr(request, "counts") else [counts_question(agent)]


def counts_question(agent: Agent) -> Question:
    """What `count_shelves` asks first."""
    own = {"me": agent.pk, "mine": team_ids(agent)}
    return Question(GROUND, {**own, **TALLIES.line.parameters()})


def count_shelves(agent: Agent) -> Counts:
    """What the side of every page says, and where its live updates go on from.

    One statement, and another where something has changed since this process counted last.
    """
    question = counts_question(agent)
    company, era, xid, number, views, said, stands = ask(*question)[0]
    position = START if era is None else Position(era, xid, number)
    beyond = TALLIES.line.hear(question.parameters, said, stands, now=position)
    saved = read_views(views) if agent.may_see else []
    lists = {each.name: shelf_of_view(agent, each) for each in saved}
    counted = [*_counted(), *(shelf for shelf in lists.values() if shelf.is_counted)]
    counts = tally([definition_of(agent, shelf) for shelf in counted], beyond=beyond)
    shown = {
        shelf.name: f"{CAP - 1}+" if count >= CAP else str(count or "")
        for shelf, count in zip(counted, counts, strict=True)
    }
    return Counts(company or "", shown, position, saved, lists)


def definition_of(agent: Agent, shelf: Shelf) -> Definition:
    """Who stands on a shelf, of those whom the colleague may see."""
    seen, parameters = sight_of(agent)
    where = f"{shelf.all_of_it} AND {seen}"
    return Definition(
        where,
        {**parameters, **shelf.values},
        of_customers=shelf.of_customers,
        of_glances=shelf.of_glances,
        is_unspoken=shelf.is_unspoken,
    )


@lru_cache(maxsize=1)
def _counted() -> list[Shelf]:
    return [shelf for shelf in SHELVES.values() if shelf.is_counted]
