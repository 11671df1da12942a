"""What placing and classifying keep is told in sentences; none of their words is unknown to the page."""

from __future__ import annotations

import ast
import inspect

import pytest

from rapport.conversations import placing
from rapport.conversations.models import JoinProposal
from rapport.conversations.moving import move_message
from rapport.kernel.mail import classifying
from rapport.web.inbox.explaining import HAS, HINTED, IS, JUDGED, PLACED, judgement_of, machine_of
from rapport.web.inbox.reading import read_one
from tests.makers import make_inbound


def constants(node: ast.AST) -> set[str]:
    found = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def test_every_way_of_placing_has_a_sentence():
    calls = [n for n in ast.walk(ast.parse(inspect.getsource(placing))) if isinstance(n, ast.Call)]
    for call in calls:
        if getattr(call.func, "id", "") == "Placement" and isinstance(call.args[1], ast.Constant):
            assert call.args[1].value in PLACED
        if getattr(call.func, "id", "") == "Hint" and isinstance(call.args[1], ast.Constant):
            assert call.args[1].value in HINTED
    assert {"token", "reference"} <= PLACED.keys()
    assert {"token_of_stranger", "reference_of_stranger"} <= HINTED.keys()


@pytest.mark.parametrize("judge", ["_own", "_bounce", "_auto_reply", "_bulk"])
def test_every_reason_of_the_classifier_is_known(judge):
    function = ast.parse(inspect.getsource(getattr(classifying, judge)))
    said: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            if any(isinstance(part, ast.JoinedStr) for part in ast.walk(node.value)):
                continue
            said |= constants(node.value) - {""}
    for words in said:
        assert words in JUDGED or HAS.fullmatch(words) or IS.fullmatch(words), words
    assert judge not in ("_own", "_bounce") or said


def test_a_header_is_named_and_strange_words_stay_as_they_are():
    assert judgement_of("it has List-Id") == "it has the header List-Id"
    assert judgement_of("Auto-Submitted is auto-replied") == "Auto-Submitted is auto-replied"
    assert judgement_of("50 % of {all}") == "50 % of {all}"


def test_a_machine_is_told_with_its_reason(cast):
    away = make_inbound(cast.tent, text="x", kind="auto_reply", why={"kind": "it has X-Autoreply"})
    assert machine_of(read_one(away)) == "Automatic reply: it has the header X-Autoreply"
    person = make_inbound(cast.tent, text="x", why={"kind": "whatever"})
    assert machine_of(read_one(person)) == ""


def test_a_moved_message_says_who_moved_it_and_from_where(cast, sign_in):
    later = make_inbound(cast.tent, text="And my boots?", why={"thread": "reference"})
    move_message(later, into=None, by=cast.ben.actor)
    page = sign_in(cast.ben).get(f"/inbox/messages/{later.pk}").content.decode()
    assert "It answers a message of this conversation" in page
    assert f"Ben moved it here from {cast.tent.ref}" in page


def test_a_proposal_to_join_tells_why_in_words(cast, sign_in):
    from tests.makers import make_conversation

    other = make_conversation(cast.dora, channel=cast.mail, text="x", team=cast.support)
    JoinProposal.objects.create(
        conversation=other, other=cast.tent, reasons=["same_person_and_subject"]
    )
    page = sign_in(cast.ben).get(f"/inbox/conversations/{other.ref}").content.decode()
    assert "It comes from the same customer and has the same subject." in page
    assert "same_person_and_subject" not in page
