"""What stands in the lists is what a reader sees, also where it was written down before that was so."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from rapport.conversations.models import Conversation
from rapport.conversations.reckoning import reckon
from tests.cast import Cast
from tests.makers import make_conversation, make_inbound, make_message

pytestmark = pytest.mark.django_db
MARKED = "Your **tent** is [on its way](https://maple.example/77).\n\n- one\n- `two`"
MAKE_PLAIN = import_module("rapport.conversations.migrations.0009_plain_previews").make_plain


def keep(conversation: Conversation, preview: str) -> int:
    Conversation.objects.filter(pk=conversation.pk).update(preview=preview)
    return conversation.pk


def shown(number: int) -> str:
    return Conversation.objects.get(pk=number).preview


def test_old_previews_of_ours_lose_their_marks_and_nothing_else_changes(cast: Cast) -> None:
    ours = make_conversation(cast.tent.customer)
    make_message(ours, direction="out", text=MARKED)
    make_message(ours, direction="note", text="**ours alone**")
    theirs = make_conversation(cast.tent.customer)
    make_message(theirs, direction="out", text=MARKED)
    make_inbound(theirs, text="**What** now?")
    empty = make_conversation(cast.tent.customer)
    line = " ".join(MARKED.split())
    numbers = [keep(ours, line), keep(theirs, "**What** now?"), keep(empty, "")]
    taken_out = keep(cast.tent, "**████**")
    for _turn in range(2):
        MAKE_PLAIN(apps, connection.schema_editor())
        assert [shown(number) for number in numbers] == [
            "Your tent is on its way. one two",
            "**What** now?",
            "",
        ]
    assert shown(taken_out) == "**████**"
    ours.refresh_from_db()
    assert reckon(ours).preview == "Your tent is on its way. one two"
