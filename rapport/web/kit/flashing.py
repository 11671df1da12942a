"""Flashing: a line that says what just happened, with the way back where there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from django.contrib import messages
from django.http import HttpRequest

#: How long the way back is offered, in seconds.
OFFERED = 10


@dataclass(frozen=True, slots=True)
class Flash:
    """The text, whether it is bad news, and the form that takes it back (address, method, fields)."""

    text: str
    bad: bool = False
    undo: str = ""
    method: str = "delete"
    fields: Mapping[str, str] = field(default_factory=dict)
    seconds: int = OFFERED


def flash(
    request: HttpRequest,
    text: str,
    *,
    bad: bool = False,
    undo: str = "",
    method: str = "delete",
    fields: Mapping[str, str] | None = None,
    seconds: int = OFFERED,
) -> None:
    """Say `text` with the next answer. `undo` is the address whose `method` takes the change back."""
    shown = Flash(str(text), bad, undo, method, dict(fields or {}), seconds)
    level = messages.ERROR if bad else messages.INFO
    messages.add_message(request, level, shown.text, extra_tags=json.dumps(asdict(shown)))


def pending_flashes(request: HttpRequest) -> Iterator[Flash]:
    """The flashes that wait, each once; messages that others left come as plain ones."""
    for message in messages.get_messages(request):
        try:
            yield Flash(**json.loads(message.extra_tags or ""))
        except (ValueError, TypeError):
            yield Flash(str(message.message), bad=message.level >= messages.ERROR)
