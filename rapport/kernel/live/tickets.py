"""Tickets: which live streams a page may hear, signed, for ten minutes.

The page is made by whoever may see it; the ticket carries that decision to the edge, which knows no access
rules. It is bound to one agent and to the streams that it names, nothing more can be made of it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from rapport.kernel.secrets import derive_key

LIFETIME = timedelta(minutes=10)
LONGEST = 16_000


class Ticket(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An opened ticket; `expires` is in Unix seconds.

    `name`, `signs` and `turn` are how colleagues see the agent and the face; `lists` are the streams of the
    lists on which its conversation stands: they hear that the agent looks at it.
    """

    agent: int
    name: str
    streams: frozenset[str]
    expires: int
    signs: str = ""
    turn: int = 0
    lists: tuple[str, ...] = ()

    def has_expired(self, *, now: datetime) -> bool:
        """Whether it is over at `now`."""
        return self.seconds_left(now=now) <= 0

    def seconds_left(self, *, now: datetime) -> float:
        """Seconds until it is over."""
        return self.expires - now.timestamp()


_DECODER = msgspec.json.Decoder(Ticket)


def make_ticket(
    agent_id: int,
    streams: Iterable[str],
    *,
    now: datetime,
    name: str = "",
    signs: str = "",
    turn: int = 0,
    lists: Iterable[str] = (),
) -> str:
    """A ticket for these streams ("conversation:42", "inbox:3", "inbox:*" for every list), fit for a URL."""
    ticket = Ticket(
        agent=agent_id,
        name=name,
        streams=frozenset(streams),
        expires=int((now + LIFETIME).timestamp()),
        signs=signs,
        turn=turn,
        lists=tuple(lists),
    )
    body = msgspec.json.encode(ticket)
    return f"{_encode(body)}.{_encode(_mac(body))}"


def read_ticket(text: str, *, now: datetime) -> Ticket | None:
    """The ticket, if it is one of ours and not over."""
    ticket = open_ticket(text)
    return None if ticket is None or ticket.has_expired(now=now) else ticket


def open_ticket(text: str) -> Ticket | None:
    """The ticket, if it is one of ours, also when it is over."""
    if len(text) > LONGEST:
        return None
    body_text, _, mac_text = text.partition(".")
    try:
        body, mac = _decode(body_text), _decode(mac_text)
        if not hmac.compare_digest(mac, _mac(body)):
            return None
        return _DECODER.decode(body)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def _mac(body: bytes) -> bytes:
    return hmac.digest(derive_key("live ticket"), body, "sha256")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    raw = text.encode("ascii")
    return base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
