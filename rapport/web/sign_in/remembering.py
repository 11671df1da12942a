"""Remembering: Django's sessions in the database, read by a statement of our own at every page.

Each page reads its session afresh: whoever signs out, or is signed out, is out at once everywhere.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from rapport.kernel import clock
from rapport.kernel.asking import Question, ask

#: As Django makes them: 32 letters and digits; a test may have shorter ones.
KEY = re.compile(r"[a-z0-9]{8,40}")
READ = """
SELECT session_data, expire_date FROM django_session WHERE session_key = %(key)s
"""


def session_question(key: str | None) -> Question:
    """What is remembered under this key, and until when."""
    return Question(READ, {"key": key})


class SessionStore(DatabaseStore):
    """Django's store, but for how a session is read, and for keys that it never makes."""

    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie can spell any character, and PostgreSQL takes no NUL even in a question."""
        return bool(key) and KEY.fullmatch(key or "") is not None

    def load(self) -> dict[str, Any]:
        """What is remembered; nothing for a key that is unknown or over."""
        for data, ends in ask(*session_question(self.session_key)):
            if ends > clock.now():
                remembered: dict[str, Any] = self.decode(data)
                return remembered
        self._session_key = None
        return {}
