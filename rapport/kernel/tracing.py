"""Tracing: one id finds everything that one request did, in its answer and in every log line."""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar

#: The id of the request or envelope that this thread or task is working on; empty outside of one.
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id_from(given: str | None) -> str:
    """The id that a caller sent, if it may stand in a log line, else a new one."""
    if given and WELL_FORMED.fullmatch(given):
        return given
    return secrets.token_hex(8)


class RequestIdFilter(logging.Filter):
    """Gives every log record its `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = current_request_id.get()
        return True
