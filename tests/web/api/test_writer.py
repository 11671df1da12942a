"""Who wrote a message, said by a program: once, by whoever may, and taken back."""

from __future__ import annotations

import pytest

from rapport.conversations.models import Message
from rapport.conversations.solving import solve_conversation
from tests.cast import Cast
from tests.makers import make_inbound, make_message
from tests.web.api.test_api import Program, send

pytestmark = pytest.mark.django_db
MACHINE = {"kind": "auto_reply"}


def first_of(cast: Cast) -> Message:
    found = cast.tent.messages.filter(direction="in").first()
    assert found is not None
    return found


def test_a_message_is_judged_once_and_it_is_taken_back(cast: Cast, program: Program) -> None:
    ben, message = program(cast.ben, "messages:write"), first_of(cast)
    path = f"/messages/{message.pk}/writer"
    for _turn in range(2):
        said = send(ben, "PUT", path, MACHINE)
        assert (said.status_code, said.json()["kind"], said.json()["auto_reply"]) == (
            200,
            "auto_reply",
            True,
        )
    assert message.judgements.count() == 1
    assert said.json()["why"]["judged"] == cast.ben.name
    for _turn in range(2):
        back = send(ben, "DELETE", path)
        assert (back.status_code, back.json()["kind"]) == (200, "human")
    assert "judged" not in back.json()["why"]


def test_what_a_person_wrote_after_the_end_opens_it(cast: Cast, program: Program) -> None:
    solve_conversation(cast.tent, by=cast.ben.actor)
    message = make_inbound(cast.tent, text="Still torn", kind="bulk")
    send(program(cast.ben), "PUT", f"/messages/{message.pk}/writer", {"kind": "human"})
    assert (
        send(program(cast.ben), "GET", f"/conversations/{cast.tent.pk}").json()["state"] == "open"
    )


def test_who_may_not_see_it_or_not_write_judges_nothing(cast: Cast, program: Program) -> None:
    message = first_of(cast)
    path = f"/messages/{message.pk}/writer"
    for client, status in (
        (program(cast.cy), 404),
        (program(cast.zoe), 401),
        (program(cast.ben, "messages:read"), 403),
        (program(cast.ben, "conversations:write"), 403),
    ):
        assert send(client, "PUT", path, MACHINE).status_code == status
        assert send(client, "DELETE", path).status_code == status
    assert not message.judgements.exists()
    assert send(program(cast.ben), "PUT", "/messages/999999/writer", MACHINE).status_code == 404


@pytest.mark.parametrize("kind", ["own", "bounce", "", None, 1, "HUMAN"])
def test_what_nobody_may_say_is_refused(cast: Cast, program: Program, kind: object) -> None:
    path = f"/messages/{first_of(cast).pk}/writer"
    assert send(program(cast.ben), "PUT", path, {"kind": kind}).status_code == 422


@pytest.mark.parametrize("direction", ["out", "note"])
def test_what_is_ours_is_not_judged(cast: Cast, program: Program, direction: str) -> None:
    ours = make_message(cast.tent, direction=direction, text="Ours")
    answer = send(program(cast.ben), "PUT", f"/messages/{ours.pk}/writer", MACHINE)
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
