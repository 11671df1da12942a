from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from rapport.conversations.models import Conversation, Draft, State
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation
from rapport.kernel import clock
from rapport.web.inbox.shelves import PAGE
from tests.makers import make_conversation
from tests.web.inbox.conftest import HTMX


def test_ben_sees_what_his_team_has_to_do(cast, sign_in) -> None:
    page = sign_in(cast.ben).get("/inbox/unassigned").content.decode()
    assert f'id="row_{cast.tent.pk}"' in page
    assert 'lang="pl"' in page
    assert "Namiot przecieka" in page


def test_cy_and_zoe_see_nothing_of_another_team(cast, sign_in) -> None:
    for shelf in ("open", "unassigned", "all", "waiting"):
        assert b"Namiot" not in sign_in(cast.cy).get(f"/inbox/{shelf}").content
    assert sign_in(cast.zoe).get("/inbox/open").status_code == 403


def test_a_stranger_is_sent_to_the_door(client, cast) -> None:
    assert client.get("/inbox/open").url.startswith("/sign-in/?next=/inbox/open")


@pytest.mark.parametrize("path", ["/", "/inbox/"])
def test_everybody_begins_with_what_is_theirs(cast, sign_in, path: str) -> None:
    assert sign_in(cast.ben).get(path, follow=True).redirect_chain[-1][0] == "/inbox/mine"


def test_there_is_no_shelf_of_another_name(cast, sign_in) -> None:
    assert sign_in(cast.ben).get("/inbox/nonsense").status_code == 404


def test_an_empty_shelf_says_what_will_stand_there(cast, sign_in) -> None:
    page = sign_in(cast.ben).get("/inbox/snoozed").content.decode()
    assert "Conversations that sleep" in page


def test_a_solved_conversation_changes_its_shelf(cast, sign_in) -> None:
    solve_conversation(cast.tent, by=cast.ben.actor)
    client, row = sign_in(cast.ben), f'id="row_{cast.tent.pk}"'
    assert row not in client.get("/inbox/open").content.decode()
    assert row in client.get("/inbox/solved").content.decode()


def test_a_hostile_subject_stays_words(cast, sign_in) -> None:
    evil = '"><script>alert(1)</script>{lang}'
    Conversation.objects.filter(pk=cast.tent.pk).update(
        subject=evil, preview=evil, language=evil[:9]
    )
    tag_conversation(cast.tent, tag="<b>bold</b>", by=cast.ben.actor)
    page = sign_in(cast.ben).get("/inbox/open").content.decode()
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert "{lang}" in page


@pytest.fixture
def many(cast):
    now = clock.now()
    for number in range(PAGE * 2 + 3):
        moment = now - timedelta(minutes=number)
        made = make_conversation(cast.dora, subject=f"Case {number}.", team=cast.support)
        Conversation.objects.filter(pk=made.pk).update(
            last_message_at=moment, waiting_since=moment, state=State.OPEN
        )


@pytest.mark.parametrize("shelf", ["open", "waiting"])
def test_every_row_is_reached_once_by_paging(cast, sign_in, many, shelf: str) -> None:
    client, seen, after = sign_in(cast.ben), [], ""
    for _ in range(4):
        page = client.get(f"/inbox/{shelf}", {"after": after}, headers=HTMX).content.decode()
        seen += [part.partition("<")[0] for part in page.split("Case ")[1:]]
        if 'id="more"' not in page:
            break
        after = page.rpartition("after=")[2].partition('"')[0]
    assert len(seen) == len(set(seen)) == PAGE * 2 + 3
    assert seen == sorted(seen, key=float, reverse=shelf == "waiting")


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, sign_in, many) -> None:
    from django.db import connection

    client = sign_in(cast.ben)
    with CaptureQueriesContext(connection) as many_rows:
        client.get("/inbox/open")
    Conversation.objects.exclude(pk=cast.tent.pk).update(state=State.SOLVED)
    with CaptureQueriesContext(connection) as one_row:
        client.get("/inbox/open")
    assert len(many_rows) == len(one_row) <= 9


def test_a_row_says_whose_draft_lies_in_it_and_how_near_the_promise_is(cast, sign_in) -> None:
    draft = {"client_key": "k", "version": "v", "kind": "reply", "text": "Half of an answer"}
    Draft.objects.create(conversation=cast.tent, agent=cast.ben, **draft)
    since = clock.now() - timedelta(hours=30)
    Conversation.objects.filter(pk=cast.tent.pk).update(waiting_since=since)
    page = sign_in(cast.ben).get("/inbox/open").content.decode()
    assert ">draft<" in page
    assert "overdue" in page
    assert 'title="Polish"' in page
    assert ">draft<" not in sign_in(cast.ada).get("/inbox/open").content.decode()
