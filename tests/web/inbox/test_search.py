from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.indexing import index_messages
from rapport.conversations.looking_back import Budget
from rapport.conversations.models import Message
from rapport.conversations.noting import write_note
from rapport.web.inbox import search
from rapport.web.inbox.search import PAGE, marked
from tests.web.inbox.conftest import HTMX


def note_down(cast, text: str) -> Message:
    note = write_note(cast.tent, by=cast.ben.actor, text=text)
    index_messages([note.pk])
    return note


def test_what_is_found_is_marked_and_leads_to_the_message(cast, sign_in) -> None:
    note = note_down(cast, "Łódź <b>refunded</b> her")
    page = sign_in(cast.ben).get("/inbox/search", {"q": "lodz refunded"}).content.decode()
    assert "<mark>Łódź</mark>" in page
    assert "&lt;b&gt;<mark>refunded</mark>" in page
    assert f"/inbox/conversations/C-{cast.tent.pk}?message={note.pk}#m-{note.pk}" in page


def test_cy_does_not_find_the_words_of_another_team(cast, sign_in) -> None:
    note_down(cast, "platypus")
    assert b"<mark>" not in sign_in(cast.cy).get("/inbox/search", {"q": "platypus"}).content
    assert sign_in(cast.zoe).get("/inbox/search", {"q": "platypus"}).status_code == 403


@pytest.mark.parametrize("q", ["", "   ", "-", '"', "<script>", "& | !", "\x00", "a" * 5000])
def test_any_question_gets_an_answer(cast, sign_in, q: str) -> None:
    page = sign_in(cast.ben).get("/inbox/search", {"q": q})
    assert page.status_code == 200
    assert b"<script>" not in page.content


def test_hits_go_on_behind_the_last_one(cast, sign_in) -> None:
    for number in range(PAGE + 5):
        note_down(cast, f"kangaroo number {number}.")
    client = sign_in(cast.ben)
    first = client.get("/inbox/search", {"q": "kangaroo"}).content.decode()
    after = first.rpartition("after=")[2].partition('"')[0]
    more = client.get("/inbox/search", {"q": "kangaroo", "after": after}, headers=HTMX)
    assert first.count("<mark>kangaroo</mark>") == PAGE
    assert more.content.decode().count("<mark>kangaroo</mark>") == 5


def test_marks_stand_where_the_spans_are() -> None:
    assert marked("a<b>c", [(1, 3), (4, 5)]) == "a<mark>&lt;b</mark>&gt;<mark>c</mark>"


def test_the_number_of_queries_does_not_grow_with_the_hits(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    note_down(cast, "platypus")
    with CaptureQueriesContext(connection) as few:
        client.get("/inbox/search", {"q": "platypus"})
    for number in range(5):
        note_down(cast, f"platypus {number}")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/inbox/search", {"q": "platypus"}).content
    assert page.count(b"<mark>platypus") == 6
    assert _said(many) == _said(few)
    assert max(len(many), len(few)) <= 16


def _said(queries: CaptureQueriesContext) -> list[str]:
    """The beginnings of the statements, numbers left out.

    Without the looks into the history, of which a busy server needs more, and asking whether the line stands.
    """
    said = [re.sub(r"\s+|\d+", " ", query["sql"]).strip()[:80] for query in queries]
    looks = ("WITH near", "SAVEPOINT", "RELEASE", "SET LOCAL", "SELECT set_config")
    return sorted(each for each in said if each != "SELECT" and not each.startswith(looks))


def test_a_search_that_takes_long_says_how_far_back_it_came_and_goes_on(
    cast, sign_in, monkeypatch
) -> None:
    old = note_down(cast, "platypus")
    far = Message.objects.create(
        pk=old.pk + 3_000, conversation=cast.tent, direction="note", text="wombat"
    )
    index_messages([far.pk])
    monkeypatch.setattr(search, "ORDINARY", Budget(milliseconds=0, looks=1))
    client = sign_in(cast.ben)
    page = client.get("/inbox/search", {"q": "platypus"}).content.decode()
    assert "Nothing found back to <time" in page
    assert "Nothing found<" not in page
    assert 'hx-trigger="click, revealed"' not in page
    after = page.rpartition("after=")[2].partition('"')[0]
    more = client.get("/inbox/search", {"q": "platypus", "after": after}).content.decode()
    assert more.count("<mark>platypus</mark>") == 1
    assert "<h1" in more
    none = client.get("/inbox/search", {"q": "lorikeet", "after": after}, headers=HTMX)
    assert "Nothing further was found." in none.content.decode()
    seen = client.get("/inbox/search", {"q": "wombat"}).content.decode()
    assert "Searched back to <time" in seen
    assert "Search further back</a>" in seen
    monkeypatch.setattr(search, "PATIENT", Budget(milliseconds=0, looks=1))
    further = client.get("/inbox/search", {"q": "platypus", "after": after}, headers=HTMX)
    assert "Searched back to <time" in further.content.decode()
