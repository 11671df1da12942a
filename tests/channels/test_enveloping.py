"""Arrivals become rows: in their order, each once, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import DataError, connection

from rapport.channels.contract import Arrival
from rapport.channels.email.arriving import arrival_of
from rapport.channels.enveloping import store_envelopes
from rapport.channels.models import Channel, Envelope

Make = Callable[..., Channel]


def arrivals(*numbers: int) -> list[Arrival]:
    return [Arrival(f"mail:{n}", b"raw \x00\xff %d" % n, n, {"n": str(n)}) for n in numbers]


def test_arrivals_are_kept_in_their_order_with_their_bytes(make_channel: Make) -> None:
    stored = store_envelopes(make_channel().pk, arrivals(3, 1, 2), door="cli", request_id="r1")
    rows = list(Envelope.objects.order_by("id"))
    assert [row.event_id for row in rows] == ["mail:3", "mail:1", "mail:2"]
    assert [s.id for s in stored] == [row.pk for row in rows]
    assert bytes(rows[0].raw) == b"raw \x00\xff 3"
    assert (rows[0].door, rows[0].request_id, rows[0].state) == ("cli", "r1", "waiting")


def test_what_is_known_keeps_its_row(make_channel: Make) -> None:
    channel = make_channel()
    first = store_envelopes(channel.pk, arrivals(1), door="cli")
    again = store_envelopes(channel.pk, arrivals(1, 2, 2), door="imap")
    assert [s.is_new for s in again] == [False, True, False]
    assert again[0].id == first[0].id
    assert Envelope.objects.count() == 2


def test_two_channels_may_get_the_same_mail(make_channel: Make) -> None:
    raw = b"From: dora@mail.example\r\nSubject: Shoes\r\n\r\nHello\r\n"
    for address in ("a@shop.example", "b@shop.example"):
        channel = make_channel(address)
        assert store_envelopes(channel.pk, [arrival_of(channel.pk, raw)], door="cli")[0].is_new


def test_the_same_mail_at_eight_doors_at_once_is_one(make_channel: Make) -> None:
    channel = make_channel()
    news: list[bool] = []

    def knock() -> None:
        news.append(store_envelopes(channel.pk, arrivals(1), door="cli")[0].is_new)
        connection.close()

    doors = [threading.Thread(target=knock) for _ in range(8)]
    for door in doors:
        door.start()
    for door in doors:
        door.join()
    assert sorted(news) == [False] * 7 + [True]


def test_one_that_cannot_be_stored_lets_none_in_by_halves(make_channel: Make) -> None:
    bad = Arrival("mail:\x00", b"", 0)
    with pytest.raises((DataError, ValueError)):
        store_envelopes(make_channel().pk, [*arrivals(1), bad], door="cli")
    assert not Envelope.objects.exists()
