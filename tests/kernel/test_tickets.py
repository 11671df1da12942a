"""Tickets: what was signed is what is read, for ten minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rapport.kernel.live.tickets import LIFETIME, make_ticket, open_ticket, read_ticket

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
STREAMS = ["inbox:*", "agent:7", "conversation:42"]


def test_a_ticket_says_whose_it_is_and_what_it_opens() -> None:
    ticket = read_ticket(make_ticket(7, STREAMS, now=NOW, name="Łucja 小美"), now=NOW)
    assert ticket is not None
    assert (ticket.agent, ticket.name, ticket.streams) == (7, "Łucja 小美", frozenset(STREAMS))


def test_a_ticket_is_over_after_ten_minutes() -> None:
    text = make_ticket(7, STREAMS, now=NOW)
    assert read_ticket(text, now=NOW + LIFETIME - timedelta(seconds=1)) is not None
    assert read_ticket(text, now=NOW + LIFETIME) is None
    assert open_ticket(text) is not None


def test_every_changed_letter_spoils_it() -> None:
    text = make_ticket(7, STREAMS, now=NOW)
    for at, letter in enumerate(text):
        changed = text[:at] + ("A" if letter != "A" else "B") + text[at + 1 :]
        spoiled = open_ticket(changed)
        # The last letter of base64 has bits that say nothing.
        assert spoiled is None or spoiled == open_ticket(text)


@pytest.mark.parametrize("text", ["", ".", "a.b", "%%.%%", "é.é", "=.=", "e30.e30", "x" * 99_999])
def test_nonsense_is_no_ticket(text: str) -> None:
    assert open_ticket(text) is None


def test_a_ticket_fits_into_an_address() -> None:
    assert make_ticket(7, STREAMS, now=NOW, name="Ben & Co?").isascii()
    assert not set(make_ticket(7, STREAMS, now=NOW, name="?>")) & set("+/=&?# ")
