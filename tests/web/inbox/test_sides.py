"""Asking aside on the page: a thread of its own below the conversation, for whoever sees that one."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.asking_aside import ask_aside
from rapport.conversations.models import Conversation, Message
from tests.cast import Cast
from tests.conversations.arriving import arrive
from tests.web.inbox.conftest import HTMX

EXPERT = "greta@seams.example"


def address(cast: Cast) -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}"


def ask(cast: Cast, text: str = "Can this seam be mended?") -> Conversation:
    message = ask_aside(
        cast.tent, by=cast.ben.actor, text=text, to=[EXPERT], channel_id=cast.mail.pk
    )
    return message.conversation


def test_ben_asks_an_expert_and_reads_the_answer_in_its_place(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    assert "Ask somebody aside" in client.get(f"{address(cast)}/sides").content.decode()
    form = {"to": f"Greta <{EXPERT}>", "text": "Can this seam be mended?", "client_key": "k"}
    asked = client.post(f"{address(cast)}/sides", form)
    side = cast.tent.sides.get()
    assert asked.headers["Location"] == f"{address(cast)}#side_{side.pk}"
    client.post(f"{address(cast)}/sides", form)
    assert cast.tent.sides.count() == 1
    arrive(cast.mail, EXPERT, text="Glue it.", thread_tokens=[side.pk])
    page = client.get(address(cast)).content.decode()
    assert "Ben asked aside; the customer does not see it" in page
    place = page.index(f'id="side_{side.pk}_said"')
    assert place < page.index("Can this seam be mended?") < page.index("Glue it.")


def test_more_is_said_in_its_own_composer(cast: Cast, sign_in: Any) -> None:
    side = ask(cast)
    answer = sign_in(cast.ben).post(
        f"/inbox/sides/{side.pk}", {"text": "And the zip?"}, headers=HTMX
    )
    assert 'hx-target="#sides"' in answer.content.decode()
    newest = Message.objects.latest("pk")
    assert (newest.conversation_id, newest.text) == (side.pk, "And the zip?")
    assert [each["address"] for each in newest.addresses["to"]] == [EXPERT]


def test_what_is_in_the_way_is_said_and_the_words_stay(cast: Cast, sign_in: Any) -> None:
    form = {"to": "dora@poczta.example", "text": "Half a thought"}
    answer = sign_in(cast.ben).post(f"{address(cast)}/sides", form)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "takes part in the conversation itself" in page
    assert "Half a thought" in page


def test_it_stands_on_no_list_and_has_no_page_of_a_conversation(cast: Cast, sign_in: Any) -> None:
    side, client = ask(cast), sign_in(cast.ada)
    for path in ("open", "all", "mine", "search?q=mended"):
        assert f"C-{side.pk}" not in client.get(f"/inbox/{path}").content.decode()
    for path in ("", "/merge", "/split", "/sides"):
        assert client.get(f"/inbox/conversations/C-{side.pk}{path}").status_code == 404
    message = side.messages.get()
    assert client.get(f"/inbox/messages/{message.pk}").status_code == 404
    merged = client.post(f"{address(cast)}/merge", {"into": f"C-{side.pk}", "across": "1"})
    assert merged.status_code == 302
    side.refresh_from_db()
    assert side.beside_id == cast.tent.pk


def test_cy_zoe_and_strangers_get_nothing(cast: Cast, sign_in: Any, client: Any) -> None:
    side = ask(cast)
    for visitor, status in ((sign_in(cast.cy), 404), (sign_in(cast.zoe), 403), (client, 302)):
        for path in (f"/inbox/sides/{side.pk}", f"{address(cast)}/sides"):
            assert visitor.get(path).status_code == status
            assert visitor.post(path, {"text": "Hm", "to": "x@y.example"}).status_code == status
    assert Message.objects.filter(text="Hm").count() == 0


def test_ten_threads_aside_cost_as_many_queries_as_one(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    client.get(address(cast))
    with CaptureQueriesContext(connection) as without:
        client.get(address(cast))
    ask(cast, "One?")
    ask(cast, "Two?")
    with CaptureQueriesContext(connection) as two:
        client.get(address(cast))
    ask(cast, "Three?")
    with CaptureQueriesContext(connection) as three:
        client.get(address(cast))
    assert len(two) - len(without) <= 5
    assert len(three) == len(two)
