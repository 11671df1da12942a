"""Logs: one line per thing that an operator may look for, as text or JSON, with the request's id.

What a line carries besides its message comes by `extra={}`. Names that look like secrets are hidden, whatever
they hold; bodies are nobody's to log.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from rapport.kernel.tracing import current_request_id

_PLAIN = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}
_SECRET = (
    "secret",
    "password",
    "token",
    "ticket",
    "authorization",
    "cookie",
    "signature",
    "sealed",
)
HIDDEN = "(hidden)"
Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_process = ""


def name_process(name: str) -> None:
    """Let every line say which of a machine's processes wrote it."""
    global _process
    _process = name


def set_up_logs(*, form: str, level: str) -> None:
    """Write this process's log to standard error as `text` or `json`, from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "django", "django.server"):
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = [], True
    # httpx writes whole addresses at INFO, and some carry tokens; the others tell every start and stop.
    for name in ("httpx", "httpcore", "uvicorn.error", "asyncio", "procrastinate"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # At DEBUG they write cookies, forms and the values of every statement.
    for name in ("django.template", "django.db.backends"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))


def extras_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line carries besides its message: its extras without secrets, and the request's id."""
    given = {
        name: HIDDEN if any(word in name.lower() for word in _SECRET) else value
        for name, value in record.__dict__.items()
        if name not in _PLAIN
    }
    if (number := current_request_id.get()) and "request_id" not in given:
        given["request_id"] = number
    if _process:
        given.setdefault("process", _process)
    return given


class _Discreet(logging.Formatter):
    """A traceback tells what went wrong, not what stood in the row."""

    def formatException(self, ei: Fault) -> str:  # noqa: N802 - the library's name
        from rapport.kernel.pg.hushing import hush_traceback  # with the driver, rarely needed

        return hush_traceback(super().formatException(ei), ei[1])


class JsonFormatter(_Discreet):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **extras_of(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


class TextFormatter(_Discreet):
    """A line that people read: time, level, logger, message, name=value."""

    def format(self, record: logging.LogRecord) -> str:
        pairs = "".join(f" {name}={_word(value)}" for name, value in extras_of(record).items())
        head = f"{_time_of(record)} {record.levelname:<7} {record.name}: "
        line = head + _one_line(record.getMessage()) + pairs
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def _time_of(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _word(value: object) -> str:
    text = _one_line(str(value))
    return json.dumps(text, ensure_ascii=False) if not text or " " in text else text


def _one_line(text: str) -> str:
    """What a stranger sent must not begin a line of its own."""
    return text.replace("\r", "\\r").replace("\n", "\\n")
