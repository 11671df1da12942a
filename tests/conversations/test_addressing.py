"""Addressing: an answer goes to people, never to ourselves."""

from __future__ import annotations

import pytest

from rapport.conversations.addressing import bare_subject, reply_recipients, reply_subject
from tests.cast import Cast
from tests.makers import make_inbound, make_message


def person(address: str) -> dict[str, str]:
    return {"name": "", "address": address}


def test_an_answer_to_everyone_leaves_out_ourselves_and_who_is_there_already(cast: Cast) -> None:
    message = make_inbound(
        cast.tent,
        addresses={
            "to": [person("Help+abc123@maple.example"), person("eve@x.example")],
            "cc": [person("EVE@x.example"), person("dora@poczta.example"), person("max@x.example")],
        },
    )
    people = reply_recipients(cast.tent, message, everyone=True)
    assert [p["address"] for p in people.to] == ["dora@poczta.example"]
    assert [p["address"] for p in people.cc] == ["EVE@x.example", "max@x.example"]


def test_reply_to_is_where_the_writer_wants_it(cast: Cast) -> None:
    message = make_inbound(cast.tent, addresses={"reply_to": [person("desk@dora.example")]})
    people = reply_recipients(cast.tent, message, everyone=False)
    assert [p["address"] for p in people.to] == ["desk@dora.example"]


def test_a_reply_to_that_is_ourselves_falls_back_to_the_writer(cast: Cast) -> None:
    message = make_inbound(cast.tent, addresses={"reply_to": [person("help@maple.example")]})
    people = reply_recipients(cast.tent, message, everyone=False)
    assert [p["address"] for p in people.to] == ["dora@poczta.example"]


def test_who_was_only_copied_is_not_exposed_to_who_answers_alone(cast: Cast) -> None:
    third = make_inbound(cast.tent, customer=cast.eli, text="Ja też")
    people = reply_recipients(cast.tent, third, everyone=False)
    assert [p["address"] for p in people.to] == ["eli@xinxiang.example"]
    assert people.cc == []


def test_after_our_own_message_it_goes_to_the_same_people(cast: Cast) -> None:
    ours = make_message(
        cast.tent,
        direction="out",
        addresses={"to": [person("a@x.example")], "cc": [person("b@x.example")]},
    )
    people = reply_recipients(cast.tent, ours, everyone=True)
    assert [p["address"] for p in people] == ["a@x.example", "b@x.example"]


def test_a_delivery_report_is_never_who_an_answer_goes_to(cast: Cast) -> None:
    daemon = {"from": [person("mailer-daemon@x.example")]}
    make_inbound(cast.tent, kind="bounce", addresses=daemon)
    people = reply_recipients(cast.tent, everyone=True)
    assert [p["address"] for p in people.to] == ["dora@poczta.example"]


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Zwrot",
        "AW: WG: Zwrot",
        "Odp: RE: Fwd: Zwrot",
        "回复：回覆: Zwrot",
        "Re[3]: Zwrot",
        "RE : Zwrot",
        "Zwrot",
    ],
)
def test_one_re_whatever_mailers_put_before_it(subject: str) -> None:
    assert reply_subject(subject) == "Re: Zwrot"


def test_words_that_only_look_like_a_prefix_stay() -> None:
    assert bare_subject("Return: my boots") == "Return: my boots"
    assert bare_subject("Info: closed on Monday") == "Info: closed on Monday"
    assert reply_subject("") == ""
