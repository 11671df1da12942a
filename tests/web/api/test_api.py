"""The API: what a program may see and do, and how it is told no."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.channels.models import Envelope
from rapport.conversations.models import Conversation, Message
from rapport.web.api.paging import cut_page, seal_cursor
from tests.cast import Cast
from tests.channels.mails import receive
from tests.makers import make_conversation, make_inbound

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One request with a JSON body."""
    data = b"" if body is None else json.dumps(body)
    return client.generic(
        method, f"/api/v1{path}", data, content_type="application/json", headers=headers or None
    )


def test_without_a_token_nothing_is_told(cast: Cast, client: Client) -> None:
    for path in ("/conversations", f"/conversations/{cast.tent.pk}", "/messages", "/customers"):
        answer = client.get(f"/api/v1{path}")
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize("path", ["v1/nothing", "v1/no%0Athing", "v2/", ""])
def test_below_api_nobody_gets_a_page(client: Client, path: str) -> None:
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_zoe_may_see_nothing_with_any_token(cast: Cast, program: Program) -> None:
    assert send(program(cast.zoe), "GET", "/conversations").status_code == 401


def test_cy_does_not_see_what_belongs_to_support(cast: Cast, program: Program) -> None:
    cy = program(cast.cy)
    message = cast.tent.messages.first()
    assert message is not None
    for path in (
        f"/conversations/{cast.tent.pk}",
        f"/conversations/{cast.tent.pk}/messages",
        f"/messages/{message.pk}",
        f"/customers/{cast.dora.pk}",
    ):
        assert send(cy, "GET", path).status_code == 404, path
    assert send(cy, "GET", "/conversations").json()["items"] == []
    assert send(cy, "GET", f"/messages?external_id={message.external_id}").json()["items"] == []
    for method, path, body in (
        ("PUT", "solution", None),
        ("POST", "messages", {"text": "hi"}),
        ("POST", "notes", {"text": "hi"}),
        ("PUT", "assignment", {"agent": cast.cy.pk}),
        ("POST", "tags", {"name": "x"}),
    ):
        answer = send(cy, method, f"/conversations/{cast.tent.pk}/{path}", body)
        assert answer.status_code == 404, path


def test_a_scope_that_is_missing_is_named(cast: Cast, program: Program) -> None:
    reader = program(cast.ben, "conversations:read")
    assert send(reader, "GET", f"/conversations/{cast.tent.pk}").status_code == 200
    answer = send(reader, "PUT", f"/conversations/{cast.tent.pk}/solution")
    assert answer.status_code == 403
    assert "conversations:write" in answer.json()["detail"]


def test_a_message_is_found_by_its_message_id(cast: Cast, program: Program) -> None:
    answer = send(program(cast.ben), "GET", "/messages?external_id=<tent-1@poczta.example>")
    (found,) = answer.json()["items"]
    assert found["text"].startswith("Dzień dobry")
    assert found["conversation"] == cast.tent.pk
    assert found["to"] == [{"name": "", "address": "help@maple.example"}]
    assert found["auto_reply"] is False


WHOLE = b"""From: Dora <dora@poczta.example>
To: help@maple.example
Cc: Eli <eli@xinxiang.example>
Subject: The tent
Message-ID: <whole@poczta.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Hello

> old
--b
Content-Type: image/png; name="tent.png"
Content-Disposition: attachment; filename="tent.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--b--
"""


def test_a_message_is_told_with_all_that_came(cast: Cast, program: Program) -> None:
    html = b"Content-Type: text/html\n\n<p>Hello</p>"
    bare = WHOLE.replace(b"Content-Type: text/plain\n\nHello\n\n> old", html)
    receive(cast.mail, WHOLE, bare)
    found = send(program(cast.ben), "GET", "/messages?external_id=<whole@poczta.example>")
    formatted, plain = found.json()["items"]
    assert plain["from"] == [{"name": "Dora", "address": "dora@poczta.example"}]
    assert plain["cc"] == [{"name": "Eli", "address": "eli@xinxiang.example"}]
    assert (plain["subject"], plain["kind"], plain["auto_reply"]) == ("The tent", "human", False)
    assert (plain["text"].strip(), plain["quoted"].strip()) == ("Hello", "> old")
    assert "<p>Hello</p>" in formatted["html"]
    (file,) = plain["attachments"]
    assert (file["name"], file["type"], file["size"]) == ("tent.png", "image/png", 8)


def test_pages_are_cut_by_a_cursor_and_miss_nothing(cast: Cast, program: Program) -> None:
    for number in range(5):
        make_conversation(cast.eli, channel=cast.mail, team=cast.support, subject=f"{number}")
    ben = program(cast.ben)
    seen, cursor = [], ""
    while cursor is not None:
        page = send(ben, "GET", f"/conversations?limit=2&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 6


def test_a_page_is_sought_by_its_cursor_however_deep_it_lies(cast: Cast) -> None:
    rows, here = Conversation.objects.all(), cast.tent
    cursor = seal_cursor([here.last_message_at, here.pk])
    with connection.cursor() as planner, CaptureQueriesContext(connection) as asked:
        planner.execute("SET LOCAL enable_seqscan = off")
        by = ("last_message_at", "id")
        cut_page(rows, by=by, cursor=cursor, limit=2, shape=lambda row: row.pk)
        planner.execute(f"EXPLAIN {asked[-1]['sql']}")
        plan = "\n".join(line for (line,) in planner.fetchall())
    assert "Index Cond: (last_message_at <=" in plan, plan


@pytest.mark.parametrize(
    ("path", "cursor"),
    [
        *(("conversations", each) for each in ("x", "WzFd", "W251bGwsIG51bGxd", "W10", "e30")),
        ("customers", "WzFlNDAwXQ"),  # [1e400]
        ("conversations", "WzUsIDVd"),  # [5, 5]: a number where the moment belongs
        ("customers", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIl0"),  # a moment where the id belongs
    ],
)
def test_a_cursor_that_is_none_of_ours_is_a_clear_no(
    cast: Cast, program: Program, path: str, cursor: str
) -> None:
    assert send(program(cast.ben), "GET", f"/{path}?cursor={cursor}").status_code == 400


def test_a_repeated_reply_with_the_same_key_is_one_message(cast: Cast, program: Program) -> None:
    ben = program(cast.ben)
    path = f"/conversations/{cast.tent.pk}/messages"
    answers = [
        send(ben, "POST", path, {"text": "Hello"}, **{"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Message.objects.filter(text="Hello").count() == 1


@pytest.mark.parametrize(("path", "text"), [("messages", "Other words"), ("notes", "Hello")])
def test_a_key_that_was_used_for_another_message_loses_no_words(
    cast: Cast, program: Program, path: str, text: str
) -> None:
    ben, base, key = program(cast.ben), f"/conversations/{cast.tent.pk}", {"Idempotency-Key": "k1"}
    assert send(ben, "POST", f"{base}/messages", {"text": "Hello"}, **key).status_code == 201
    answer = send(ben, "POST", f"{base}/{path}", {"text": text}, **key)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_a_reply_over_newer_words_is_refused_and_names_them(cast: Cast, program: Program) -> None:
    seen = cast.tent.messages.latest("pk").pk
    newer = make_inbound(cast.tent, text="Wait!")
    body = {"text": "Hello", "seen_message_id": seen}
    answer = send(program(cast.ben), "POST", f"/conversations/{cast.tent.pk}/messages", body)
    assert answer.status_code == 409
    assert answer.json()["code"] == "thread_moved"
    assert answer.json()["newer_messages"] == [newer.pk]
    again = body | {"anyway": True}
    sent = send(program(cast.ben), "POST", f"/conversations/{cast.tent.pk}/messages", again)
    assert sent.status_code == 201


def test_facts_are_made_and_ended(cast: Cast, program: Program) -> None:
    ben, base = program(cast.ben), f"/conversations/{cast.tent.pk}"
    assert send(ben, "PUT", f"{base}/solution").json()["state"] == "solved"
    assert send(ben, "DELETE", f"{base}/solution").json()["state"] == "open"
    later = {"until": "2099-01-01T00:00:00Z"}
    assert send(ben, "PUT", f"{base}/snooze", later).json()["state"] == "snoozed"
    assert send(ben, "DELETE", f"{base}/snooze").json()["state"] == "open"
    assert send(ben, "PUT", f"{base}/priority", {"priority": 4}).json()["priority"] == 4
    assert send(ben, "POST", f"{base}/tags", {"name": "zwrot"}).json()["tags"] == ["zwrot"]
    assert send(ben, "DELETE", f"{base}/tags/zwrot").json()["tags"] == []
    assigned = send(ben, "PUT", f"{base}/assignment", {"agent": cast.ben.pk}).json()
    assert assigned["assignee"] == cast.ben.pk
    assert send(ben, "DELETE", f"{base}/assignment").json()["assignee"] is None
    assert send(ben, "PUT", f"{base}/spam").json()["state"] == "spam"
    assert send(ben, "DELETE", f"{base}/spam").json()["state"] == "open"


def test_a_file_goes_up_with_a_note_and_comes_down_again(cast: Cast, program: Program) -> None:
    ben = program(cast.ben)
    kept = ben.post("/api/v1/attachments", {"file": SimpleUploadedFile("zdjęcie.txt", b"seam")})
    assert kept.status_code == 201
    body = {"text": "see", "attachments": [kept.json()["id"]]}
    note = send(ben, "POST", f"/conversations/{cast.tent.pk}/notes", body).json()
    (file,) = note["attachments"]
    down = ben.get(file["url"])
    assert b"".join(down.streaming_content) == b"seam"
    assert down["Content-Disposition"].startswith("attachment")
    assert program(cast.cy).get(file["url"]).status_code == 404


def test_arrivals_are_for_leads_and_replayed_by_them(cast: Cast, program: Program) -> None:
    parked = Envelope.objects.create(
        channel=cast.mail, event_id="x", raw=b"", state="parked", error="no"
    )
    assert send(program(cast.ben), "GET", "/envelopes").status_code == 403
    ada = program(cast.ada)
    (shown,) = send(ada, "GET", "/envelopes?state=parked").json()["items"]
    assert shown["error"] == "no"
    assert send(ada, "POST", f"/envelopes/{parked.pk}/replay").json()["state"] == "waiting"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"text": "a\x00b"}),
        ("messages", {}),
        ("notes", {"text": 5}),
        ("notes", ["text"]),
        ("messages", {"text": "x", "attachments": [10**30]}),
    ],
)
def test_wrong_fields_are_named(cast: Cast, program: Program, path: str, body: Any) -> None:
    answer = send(program(cast.ben), "POST", f"/conversations/{cast.tent.pk}/{path}", body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_json_that_is_none_is_a_clear_no(cast: Cast, program: Program) -> None:
    answer = program(cast.ben).post(
        f"/api/v1/conversations/{cast.tent.pk}/notes", b"{not json", content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["request_id"]


def test_a_page_costs_the_same_queries_for_two_rows_as_for_twenty(
    cast: Cast, program: Program, django_assert_max_num_queries: Any
) -> None:
    ben = program(cast.ben)
    for _ in range(20):
        make_conversation(cast.eli, channel=cast.mail, team=cast.support)
    for path in ("/conversations", "/messages", "/customers"):
        with django_assert_max_num_queries(8):
            assert send(ben, "GET", path).status_code == 200
