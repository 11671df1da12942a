"""Remembering: Django's sessions in the database, read by a statement of our own at every page.

Each page reads its session afresh: whoever signs out, or is signed out, is out at once everywhere.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from rapport.kernel import clock
from rapport.kernel.asking import Question, ask

READ = """
SELECT session_data, expire_date FROM django_session WHERE session_key = %(key)s
"""


def session_question(key: str | None) -> Question:
    """What is remembered under this key, and until when."""
    return Question(READ, {"key": key})


class SessionStore(DatabaseStore):
    """Django's store, but for how a session is read."""

    def load(self) -> dict[str, Any]:
        """What is remembered; nothing for a key that is unknown or over."""
        for data, ends in ask(*session_question(self.session_key)):
            if ends > clock.now():
                remembered: dict[str, Any] = self.decode(data)
                return remembered
        self._session_key = None
        return {}
