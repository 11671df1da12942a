"""Hiding: addresses that are keys themselves (a set-up link, an invitation, a new password) stay out of logs."""

from __future__ import annotations

import logging
import re

KEYS = re.compile(r"(/(?:setup|join|password/new)/)[^\s'\"]+")


class KeyHider(logging.Filter):
    """For Django's log of requests: what follows the last known word of such an address is left out.

    Instead of the request a line carries its id: Django writes it when the id's own context is over.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = record.__dict__.pop("request", None)
        if number := getattr(request, "request_id", ""):
            record.request_id = number
        if isinstance(record.args, tuple):
            record.args = tuple(
                hide_keys(part) if isinstance(part, str) else part for part in record.args
            )
        return True


def hide_keys(text: str) -> str:
    """The text without the keys in its addresses."""
    return KEYS.sub(r"\1…", text)
