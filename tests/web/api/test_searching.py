"""Search by the API: what the page finds, page by page to the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.conversations.indexing import index_messages
from rapport.conversations.looking_back import Budget
from rapport.conversations.models import Message
from rapport.web.api import searching
from tests.cast import Cast
from tests.makers import make_inbound

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]


def _search(client: Client, **asked: object) -> Any:
    answer = client.get("/api/v1/search", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def _index_all() -> None:
    index_messages(list(Message.objects.values_list("pk", flat=True)))


def test_a_hit_is_the_message_and_the_line_that_shows_it(cast: Cast, program: Program) -> None:
    _index_all()
    found = _search(program(cast.ben), q="pieniedzy")
    assert [hit["message"]["conversation"] for hit in found["items"]] == [cast.tent.pk]
    assert "pieniędzy" in found["items"][0]["snippet"]
    assert (found["next"], found["searched_to"]) == (None, None)


def test_cy_finds_nothing_of_support_and_nobody_without_the_scope(
    cast: Cast, program: Program
) -> None:
    _index_all()
    assert _search(program(cast.cy), q="pieniedzy")["items"] == []
    refused = program(cast.ben, "customers:read").get("/api/v1/search", {"q": "pieniedzy"})
    assert refused.status_code == 403
    assert program(cast.ben).get("/api/v1/search").status_code == 422
    bad = program(cast.ben).get("/api/v1/search", {"q": "zwrot", "cursor": "x"})
    assert bad.status_code == 400


def test_going_on_comes_by_every_hit_once_even_where_pages_stop_early(
    cast: Cast, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        make_inbound(cast.tent, text=f"kettle {number}")
    far = Message.objects.create(
        pk=Message.objects.latest("pk").pk + 2_000, conversation=cast.tent, direction="in"
    )
    _index_all()
    for name in ("ORDINARY", "PATIENT"):
        monkeypatch.setattr(searching, name, Budget(milliseconds=0, looks=1))
    client = program(cast.ben)
    pages = [_search(client, q="kettle", limit=3)]
    assert pages[0]["items"] == []
    assert pages[0]["searched_to"] is not None
    while pages[-1]["next"]:
        pages.append(_search(client, q="kettle", limit=3, cursor=pages[-1]["next"]))
    texts = [hit["message"]["text"] for page in pages for hit in page["items"]]
    assert texts == [f"kettle {number}" for number in reversed(range(7))]
    assert pages[-1]["searched_to"] is None
    assert far.pk
