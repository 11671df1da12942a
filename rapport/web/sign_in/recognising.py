"""Recognising: who it is that a session belongs to, with their teams, in one question."""

from __future__ import annotations

from functools import lru_cache

from allauth.account.auth_backends import AuthenticationBackend

from rapport.accounts.models import Agent
from rapport.kernel.asking import Question, ask

READ = """
SELECT {columns}, ARRAY(SELECT m.team_id FROM accounts_membership m WHERE m.agent_id = a.id ORDER BY m.id)
FROM accounts_agent a WHERE a.id = %(number)s
"""


class Recogniser(AuthenticationBackend):
    """allauth's, but for how a colleague is read at every page."""

    def get_user(self, user_id: int | str) -> Agent | None:
        """The colleague as they are now; None for one who is gone or may not come in any more."""
        names, _statement = _reading()
        found = ask(*agent_question(int(user_id)))
        if not found:
            return None
        *values, teams = found[0]
        agent = Agent.from_db("default", names, values)
        agent.known_teams = teams
        return agent if self.user_can_authenticate(agent) else None


def agent_question(number: int) -> Question:
    """The row of the colleague with this number."""
    return Question(_reading()[1], {"number": number})


@lru_cache(maxsize=1)
def _reading() -> tuple[list[str], str]:
    fields = Agent._meta.concrete_fields
    columns = ", ".join(f"a.{field.column}" for field in fields)
    return [str(field.attname) for field in fields], READ.format(columns=columns)
