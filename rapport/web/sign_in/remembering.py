"""Remembering: Django's sessions in the database, read by a statement of our own at every page.

Each page reads its session afresh: whoever signs out, or is signed out, is out at once everywhere.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from rapport.kernel import clock
from rapport.kernel.asking import ask

READ = """
SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s
"""


class SessionStore(DatabaseStore):
    """Django's store, but for how a session is read."""

    def load(self) -> dict[str, Any]:
        """What is remembered; nothing for a key that is unknown or over."""
        found = ask(READ, {"key": self.session_key, "now": clock.now()})
        if not found:
            self._session_key = None
            return {}
        remembered: dict[str, Any] = self.decode(found[0][0])
        return remembered
