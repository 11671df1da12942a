"""Logs: findable by request, honest about lines, silent about secrets."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from rapport.kernel.logs import HIDDEN, JsonFormatter, TextFormatter
from rapport.kernel.tracing import current_request_id


def record(message: str, **extra: Any) -> logging.LogRecord:
    return logging.getLogger("rapport.test").makeRecord(
        "rapport.test", logging.INFO, __file__, 1, message, (), None, extra=extra
    )


def test_a_line_carries_the_request_and_what_was_given() -> None:
    token = current_request_id.set("abcdefgh")
    try:
        line = json.loads(JsonFormatter().format(record("envelope parked", envelope=7)))
    finally:
        current_request_id.reset(token)
    assert (line["message"], line["envelope"], line["request_id"]) == (
        "envelope parked",
        7,
        "abcdefgh",
    )
    assert line["level"] == "info"


@pytest.mark.parametrize("name", ["password", "api_token", "Authorization", "signing_secret"])
def test_what_is_named_like_a_secret_is_hidden(name: str) -> None:
    for formatter in (JsonFormatter(), TextFormatter()):
        line = formatter.format(record("signed in", **{name: "hunter2"}))
        assert "hunter2" not in line
        assert HIDDEN in line


def test_a_stranger_cannot_begin_a_line() -> None:
    line = TextFormatter().format(record("bad\r\n2026 ERROR forged", sender="a\nb"))
    assert "\n" not in line
    assert "\r" not in line
    assert "sender=a\\nb" in line
