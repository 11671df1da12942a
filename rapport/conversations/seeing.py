"""Seeing: the rule of `access.visible_to` as a condition for hand-written statements.

Search and the pages that agents look at all day are read with statements of their own: Django takes
longer to write them than PostgreSQL to answer. A test holds this rule against the other for every role.
"""

from __future__ import annotations

from typing import Any

from rapport.accounts.models import Agent
from rapport.conversations.access import team_ids

#: What was asked aside is seen within the conversation that it is about, and nowhere else.
WHOLE = "c.state <> 'side'"
SEEN = f"{WHOLE} AND (c.team_id IS NULL OR c.team_id = ANY(%(teams)s::bigint[]) OR c.assignee_id = %(me)s)"


def sight_of(agent: Agent) -> tuple[str, dict[str, Any]]:
    """A condition on the conversation `c` that holds for what the agent may see, and its parameters."""
    if not agent.may_see:
        return "false", {"me": agent.pk}
    if agent.is_lead:
        return WHOLE, {"me": agent.pk}
    return SEEN, {"me": agent.pk, "teams": team_ids(agent)}
