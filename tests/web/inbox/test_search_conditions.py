from __future__ import annotations

import json

from django.test import Client

from rapport.accounts.granting_tokens import grant_token
from rapport.conversations.indexing import index_messages
from rapport.conversations.tagging import tag_conversation
from tests.makers import make_conversation


def test_conditions_alone_list_conversations(cast, sign_in) -> None:
    tag_conversation(cast.tent, tag="refund", by=cast.ada.actor)
    make_conversation(cast.eli, subject="Boots", text="")
    client = sign_in(cast.ben)
    page = client.get("/inbox/search", {"q": "tag:refund is:open"}).content.decode()
    assert f'id="row_{cast.tent.pk}"' in page
    assert "Boots" not in page
    assert "Nothing found" in client.get("/inbox/search", {"q": "is:solved"}).content.decode()
    theirs = sign_in(cast.cy).get("/inbox/search", {"q": "tag:refund"}).content.decode()
    assert "Namiot" not in theirs


def test_words_are_looked_for_within_the_conditions_and_marked(cast, sign_in) -> None:
    index_messages(list(cast.tent.messages.values_list("pk", flat=True)))
    client = sign_in(cast.ben)
    page = client.get("/inbox/search", {"q": "namiot from:dora@poczta.example"}).content.decode()
    assert "<mark>" in page
    page = client.get("/inbox/search", {"q": "namiot from:eli@xinxiang.example"}).content.decode()
    assert "<mark>" not in page


def test_a_condition_that_cannot_be_asked_is_said(cast, sign_in) -> None:
    page = sign_in(cast.ben).get("/inbox/search", {"q": "tag:unheard <script>"}).content.decode()
    assert "There is no “unheard”" in page
    assert "<script>" not in page.split("<main")[1]


def test_programs_ask_with_the_same_conditions(cast) -> None:
    boots = make_conversation(cast.eli, subject="Boots", state="solved")
    index_messages(list(cast.tent.messages.values_list("pk", flat=True)))
    _row, token = grant_token(cast.ada, name="x", scopes=["*"], by=cast.ada.actor)
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def numbers(path: str, q: str) -> list[int]:
        items = json.loads(client.get(f"/api/v1/{path}", {"q": q}).content)["items"]
        return [item.get("id") or item["message"]["conversation"] for item in items]

    assert numbers("conversations", "is:solved") == [boots.pk]
    assert numbers("conversations", "is:open team:Support owner:nobody") == [cast.tent.pk]
    assert set(numbers("search", "namiot is:open")) == {cast.tent.pk}
    assert numbers("search", "namiot is:solved") == []
    for path in ("conversations", "search"):
        assert client.get(f"/api/v1/{path}", {"q": "is:nonsense"}).status_code == 400
    assert client.get("/api/v1/conversations", {"q": "words"}).status_code == 400
