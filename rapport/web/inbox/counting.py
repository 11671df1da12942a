"""Counting: how many conversations stand on each shelf, to a hundred; more than that nobody reads."""

from __future__ import annotations

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


def count_shelves(agent: Agent) -> dict[str, str]:
    """The counts as they are shown, "99+" from a hundred on, nothing for none. One query."""
    if not agent.may_see:
        return {}
    teams = [] if agent.is_lead else team_ids(agent)
    with connection.cursor() as cursor:
        cursor.execute(_sql(agent.is_lead), {"me": agent.pk, "teams": teams, "most": MOST})
        counts = cursor.fetchone()
    return {
        name: f"{MOST - 1}+" if count >= MOST else str(count or "")
        for name, count in zip(COUNTED, counts, strict=True)
    }


def _sql(sees_all: bool) -> str:
    seen = "" if sees_all else SEEN
    one = "(SELECT count(*) FROM (SELECT FROM conversations_conversation WHERE {}{} LIMIT %(most)s) x)"
    return "SELECT " + ", ".join(one.format(condition, seen) for condition in COUNTED.values())


SEEN = " AND (team_id IS NULL OR team_id = ANY(%(teams)s) OR assignee_id = %(me)s)"
