"""Counting: how many conversations stand on each shelf, to a hundred; more than that nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from rapport.accounts.models import Agent
from rapport.web.inbox.seeing import sight_of
from rapport.web.inbox.shelves import SHELVES

MOST = 100
COMPANY = "(SELECT name FROM accounts_company ORDER BY id LIMIT 1)"
COUNT = """(SELECT count(*) FROM (
    SELECT FROM conversations_conversation c WHERE {where} AND {seen} LIMIT %(most)s) x)"""


@dataclass(frozen=True, slots=True)
class Counts:
    """The company's name, and the counts as they are shown: "99+" from a hundred on, nothing for none."""

    company: str
    shelves: dict[str, str]


def count_shelves(agent: Agent) -> Counts:
    """What the side of every page says, in one statement."""
    counted = [shelf for shelf in SHELVES.values() if shelf.is_counted]
    seen, parameters = sight_of(agent)
    columns = [COMPANY, *(COUNT.format(where=shelf.where, seen=seen) for shelf in counted)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(columns), {**parameters, "most": MOST})
        company, *counts = cursor.fetchone()
    shown = (f"{MOST - 1}+" if count >= MOST else str(count or "") for count in counts)
    names = (shelf.name for shelf in counted)
    return Counts(company or "", dict(zip(names, shown, strict=True)))
