"""An Idempotency-Key: the same request is one message; another request under it is lost by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Conversation, Message
from rapport.conversations.redacting import redact_secret
from rapport.conversations.splitting import split_conversation
from tests.cast import Cast, make_cast
from tests.conversations.racing import race
from tests.makers import make_conversation, make_inbound
from tests.web.api.test_api import Program, send

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "order-77"}
BODY = {"text": "It has left.", "to": ["dora@poczta.example"]}


def upload(program: Any, name: str) -> int:
    file = SimpleUploadedFile(name, name.encode(), content_type="text/plain")
    number: int = program.post("/api/v1/attachments", {"file": file}).json()["id"]
    return number


@pytest.mark.parametrize(
    "other",
    [
        {"to": ["eli@poczta.example"]},
        {"to": None},
        {"cc": ["eli@poczta.example"]},
        {"bcc": ["eli@poczta.example"]},
        {"subject": "Another matter"},
        {"attachments": [1]},
        {"seen_message_id": 1},
        {"anyway": True},
        {"send_at": "2099-01-01T00:00:00Z"},
        {"text": "It has left. "},
    ],
)
def test_a_request_that_differs_in_anything_is_refused(
    cast: Cast, program: Program, other: dict[str, Any]
) -> None:
    ben, path = program(cast.ben), f"/conversations/{cast.tent.pk}/messages"
    assert send(ben, "POST", path, BODY, **KEY).status_code == 201
    if "attachments" in other:
        other = {"attachments": [upload(ben, "bill.txt")]}
    answer = send(ben, "POST", path, BODY | other, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert cast.tent.messages.filter(direction="out", text__startswith="It has").count() == 1


def test_a_true_repeat_with_files_is_the_first_answer(cast: Cast, program: Program) -> None:
    ben, base = program(cast.ben), f"/conversations/{cast.tent.pk}"
    for path in ("messages", "notes"):
        body = {"text": "See here", "attachments": [upload(ben, f"{path}.txt")]}
        key = {"Idempotency-Key": path}
        answers = [send(ben, "POST", f"{base}/{path}", body, **key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()


def test_a_note_with_another_file_is_refused(cast: Cast, program: Program) -> None:
    ben, path = program(cast.ben), f"/conversations/{cast.tent.pk}/notes"
    one, other = upload(ben, "a.txt"), upload(ben, "b.txt")
    send(ben, "POST", path, {"text": "See", "attachments": [one]}, **KEY)
    answer = send(ben, "POST", path, {"text": "See", "attachments": [other]}, **KEY)
    assert answer.json()["code"] == "key_reused"


def test_a_repeat_after_it_was_taken_back_sends_nothing(cast: Cast, program: Program) -> None:
    ben, path = program(cast.ben), f"/conversations/{cast.tent.pk}/messages"
    later = BODY | {"send_at": "2099-01-01T00:00:00Z"}
    first = send(ben, "POST", path, later, **KEY).json()
    assert send(ben, "DELETE", f"/messages/{first['id']}").status_code == 204
    again = send(ben, "POST", path, later, **KEY)
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert (
        cast.tent.messages.filter(withdrawn_at=None, direction="out", text=BODY["text"]).count()
        == 0
    )


def test_a_repeat_finds_its_message_where_it_went(cast: Cast, program: Program) -> None:
    ben, path = program(cast.ben), f"/conversations/{cast.tent.pk}/messages"
    first = send(ben, "POST", path, BODY, **KEY).json()["id"]
    split_conversation(cast.tent, messages=[first], by=cast.ben.actor)
    assert send(ben, "POST", path, BODY, **KEY).json()["id"] == first
    into = make_conversation(cast.tent.customer, team=cast.tent.team)
    make_inbound(into, text="And this?")
    merge_conversations(cast.tent, into=into, by=cast.ben.actor)
    assert send(ben, "POST", path, BODY, **KEY).json()["id"] == first
    assert Message.objects.filter(text=BODY["text"]).count() == 1


def test_a_repeat_after_a_secret_was_taken_out_is_known(cast: Cast, program: Program) -> None:
    ben, path = program(cast.ben), f"/conversations/{cast.tent.pk}/messages"
    first = send(ben, "POST", path, BODY, **KEY).json()["id"]
    redact_secret(Message.objects.get(pk=first), secret="has left", by=cast.ben.actor)
    assert send(ben, "POST", path, BODY, **KEY).json()["id"] == first
    answer = send(ben, "POST", path, BODY | {"text": "Other words"}, **KEY)
    assert answer.json()["code"] == "key_reused"


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_one_instant_are_one_message_or_a_clear_no(program: Program) -> None:
    cast = make_cast()
    ben, path = program(cast.ben), f"/conversations/{cast.tent.pk}/messages"
    same = race(*[lambda: send(ben, "POST", path, BODY, **KEY)] * 4)
    assert {(answer.status_code, answer.json().get("id")) for answer in same} == {
        (201, same[0].json()["id"])
    }
    key = {"Idempotency-Key": "order-78"}
    other = BODY | {"cc": ["eli@poczta.example"]}
    ends = race(*[lambda b=b: send(ben, "POST", path, b, **key) for b in (BODY, other)])  # type: ignore[misc]
    assert sorted(answer.status_code for answer in ends) == [201, 422]
    sent = Conversation.objects.get(pk=cast.tent.pk).messages.filter(text=BODY["text"])
    assert sent.count() == 2
