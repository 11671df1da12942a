"""Counting: how many conversations stand on each shelf, to a hundred; more than that nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from rapport.accounts.models import Agent
from rapport.conversations.access import team_ids

MOST = 100
COUNTED = {
    "mine": "state = 'open' AND assignee_id = %(me)s",
    "unassigned": "state = 'open' AND assignee_id IS NULL",
    "waiting": "state = 'open' AND waiting_since IS NOT NULL",
    "open": "state = 'open'",
    "snoozed": "state = 'snoozed'",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """The company's name, and the counts as they are shown: "99+" from a hundred on, nothing for none."""

    company: str
    shelves: dict[str, str]


def count_shelves(agent: Agent) -> Counts:
    """What the side of every page says, in one query."""
    if not agent.may_see:
        return Counts("", {})
    teams = [] if agent.is_lead else team_ids(agent)
    with connection.cursor() as cursor:
        cursor.execute(_sql(agent.is_lead), {"me": agent.pk, "teams": teams, "most": MOST})
        company, *counts = cursor.fetchone()
    shown = (f"{MOST - 1}+" if count >= MOST else str(count or "") for count in counts)
    return Counts(company or "", dict(zip(COUNTED, shown, strict=True)))


def _sql(sees_all: bool) -> str:
    seen = "" if sees_all else SEEN
    one = "(SELECT count(*) FROM (SELECT FROM conversations_conversation WHERE {}{} LIMIT %(most)s) x)"
    counts = (one.format(condition, seen) for condition in COUNTED.values())
    return ", ".join(["SELECT (SELECT name FROM accounts_company ORDER BY id LIMIT 1)", *counts])


SEEN = " AND (team_id IS NULL OR team_id = ANY(%(teams)s) OR assignee_id = %(me)s)"
