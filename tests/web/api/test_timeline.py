"""A conversation as it went: messages and events in one order, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.conversations.merging import merge_conversations
from rapport.conversations.noting import write_note
from rapport.conversations.replying import reply
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation
from rapport.conversations.withdrawing import withdraw_message
from tests.cast import Cast
from tests.makers import make_conversation

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]


def page(client: Client, number: int, **query: Any) -> Any:
    return client.get(f"/api/v1/conversations/{number}/timeline", query)


def walk(client: Client, number: int, *, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        told = page(client, number, **query).json()
        found += told["items"]
        if told["next"] is None:
            return found
        query["cursor"] = told["next"]


def happen(cast: Cast) -> None:
    by = cast.ben.actor
    tag_conversation(cast.tent, tag="refund", by=by)
    write_note(cast.tent, by=by, text="Paid twice")
    withdraw_message(reply(cast.tent, by=by, text="Never mind"), by=by)
    other = make_conversation(cast.dora, channel=cast.mail, team=cast.support)
    merge_conversations(other, into=cast.tent, by=cast.ada.actor)
    solve_conversation(cast.tent, by=by)


def names(items: list[dict[str, Any]]) -> list[str]:
    return [
        item["message"]["direction"] if item["type"] == "message" else item["event"]["kind"]
        for item in items
    ]


def test_all_stands_in_its_order_whatever_the_pages(cast: Cast, program: Program) -> None:
    happen(cast)
    ben = program(cast.ben)
    whole = walk(ben, cast.tent.pk, limit=200)
    told = names(whole)
    assert [t for t in told if t.startswith("conversations.")][-4:] == [
        "conversations.tagged",
        "conversations.message_withdrawn",
        "conversations.merged",
        "conversations.solved",
    ]
    assert told[told.index("conversations.tagged") + 1] == "note"
    assert "Never mind" not in str(whole)
    assert [item["at"] for item in whole] == sorted(item["at"] for item in whole)
    for limit in (1, 2, 3):
        assert walk(ben, cast.tent.pk, limit=limit) == whole
    merged = next(
        i["event"] for i in whole if i["type"] == "event" and "merged" in i["event"]["kind"]
    )
    assert merged["by"] == {"kind": "agent", "id": cast.ada.pk, "name": cast.ada.name}


def test_whoever_may_not_see_it_reads_nothing_of_it(cast: Cast, program: Program) -> None:
    assert page(program(cast.cy), cast.tent.pk).status_code == 404
    for scope in ("conversations:read", "messages:read"):
        answer = page(program(cast.ben, scope), cast.tent.pk)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WzEsMiwzXQ", "WyIyMDI2LTExLTIyIiwxLDJd"])
def test_a_cursor_that_is_none_of_ours_is_refused(
    cast: Cast, program: Program, cursor: str
) -> None:
    answer = page(program(cast.ben), cast.tent.pk, cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_a_page_costs_the_same_queries_however_much_happened(
    cast: Cast, program: Program, django_assert_max_num_queries: Any
) -> None:
    happen(cast)
    ben = program(cast.ben)
    with django_assert_max_num_queries(11):
        assert page(ben, cast.tent.pk).status_code == 200
