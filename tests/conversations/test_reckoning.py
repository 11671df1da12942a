"""Reckoning: what lists show is the same carried forward and rebuilt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.conversations import reckoning
from rapport.conversations.models import Conversation, Direction
from rapport.conversations.reckoning import COLUMNS, Reckoned, apply_message, reckoned
from tests.cast import Cast
from tests.makers import make_inbound, make_message

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


@dataclass
class Line:
    id: int
    direction: str
    kind: str
    sent_at: datetime
    text: str = ""
    quoted: str = ""
    subject: str = ""
    extras: dict[str, Any] = field(default_factory=dict)


lines = st.builds(
    lambda direction, kind, minutes, text, forwards: (direction, kind, minutes, text, forwards),
    st.sampled_from(["in", "out", "note"]),
    st.sampled_from(["human", "human", "auto_reply", "bounce", "bulk"]),
    st.integers(-600, 600),
    st.sampled_from(["", "  \n ", "Hello", "退款一直沒有收到", "x" * 900]),
    st.booleans(),
)


def made_lines(rows: list[Any]) -> list[Line]:
    return [
        Line(
            number,
            direction,
            kind,
            NOON + timedelta(minutes=minutes),
            text,
            extras={"forwards": 1} if forwards and direction == "out" else {},
        )
        for number, (direction, kind, minutes, text, forwards) in enumerate(rows, 1)
    ]


def told_apart(messages: list[Line], settled_upto: int) -> dict[str, Any]:
    """The same columns by their definitions, without any carrying forward."""
    human = [m for m in messages if m.kind == "human"]
    came = [m for m in human if m.direction == "in"]
    answered = [m.id for m in human if m.direction == "out" and not m.extras]
    waiting = [m.sent_at for m in came if m.id > max([settled_upto, *answered])]
    return {
        "message_count": len(messages),
        "last_message_id": max((m.id for m in messages), default=None),
        "last_message_at": max((m.sent_at for m in messages), default=NOON),
        "last_inbound_at": max((m.sent_at for m in came), default=None),
        "waiting_since": min(waiting, default=None),
    }


@given(st.lists(lines, max_size=12), st.integers(0, 14))
@settings(max_examples=300, deadline=None)
def test_carried_forward_it_is_what_the_definitions_say(rows: list[Any], settled: int) -> None:
    messages = made_lines(rows)
    tally = reckoned(messages, opened_at=NOON, state="open", settled_upto=settled)
    told = told_apart(messages, settled)
    assert {name: getattr(tally, name) for name in told} == told


@given(st.lists(lines, max_size=10), st.integers(0, 10))
@settings(max_examples=200, deadline=None)
def test_solving_on_the_way_is_the_same_carried_forward_and_folded(
    rows: list[Any], solve_after: int
) -> None:
    carried, settled = Reckoned(NOON), 0
    for number, message in enumerate(made_lines(rows)):
        if number == solve_after:
            carried.state, carried.waiting_since = "solved", None
            settled = carried.last_message_id or 0
        if carried.state == "solved" and message.direction == "in" and message.kind == "human":
            carried.state = "open"
        apply_message(carried, message)
    folded = reckoned(made_lines(rows), opened_at=NOON, state=carried.state, settled_upto=settled)
    assert folded == carried


def test_a_mail_that_arrives_late_still_waits_although_an_answer_was_sent_after_it() -> None:
    answer = Line(1, "out", "human", NOON, "Did you get it?")
    late = Line(2, "in", "human", NOON - timedelta(hours=3), "Where is it?")
    tally = reckoned([answer, late], opened_at=NOON, state="open")
    assert tally.waiting_since == late.sent_at
    assert tally.last_message_at == NOON


def test_a_delivery_report_makes_nobody_wait_and_does_not_hide_the_words_of_a_person() -> None:
    mail = Line(1, "in", "human", NOON, "Where is my parcel?")
    answer = Line(2, "out", "human", NOON, "On its way.")
    report = Line(3, "in", "bounce", NOON, "Undelivered mail returned")
    tally = reckoned([mail, answer, report], opened_at=NOON, state="open")
    assert (tally.waiting_since, tally.preview) == (None, "On its way.")


def test_a_preview_shows_what_the_reader_sees() -> None:
    mail = Line(1, "in", "human", NOON, "**Where** is\nmy parcel?")
    assert reckoned([mail], opened_at=NOON, state="open").preview == "**Where** is my parcel?"
    answer = Line(2, "out", "human", NOON, "- **On** its [way](https://x.example/1)\n- soon, 5 < 6")
    assert (
        reckoned([mail, answer], opened_at=NOON, state="open").preview == "On its way soon, 5 < 6"
    )


def test_a_machines_reply_and_a_forward_leave_the_customer_waiting() -> None:
    mail = Line(1, "in", "human", NOON, "Where is my parcel?")
    machine = Line(2, "out", "auto_reply", NOON, "We got it.")
    forward = Line(3, "out", "human", NOON, "See below", extras={"forwards": 1})
    assert reckoned([mail, machine, forward], opened_at=NOON, state="open").waiting_since == NOON


@pytest.mark.parametrize("state", ["solved", "spam", "merged"])
def test_nobody_waits_where_the_matter_rests(state: str) -> None:
    mail = Line(1, "in", "human", NOON, "Buy now")
    assert reckoned([mail], opened_at=NOON, state=state).waiting_since is None


def test_rebuilt_from_rows_the_tent_is_what_it_was(cast: Cast) -> None:
    make_inbound(cast.tent, text=" \n" * 500 + "late")
    make_message(cast.tent, direction=Direction.NOTE, text="Hm")
    before = columns_of(cast.tent)
    reckoning.reckon(cast.tent)
    assert columns_of(Conversation.objects.get(pk=cast.tent.pk)) == before


def columns_of(conversation: Conversation) -> dict[str, Any]:
    return {column: getattr(conversation, column) for column in COLUMNS}
