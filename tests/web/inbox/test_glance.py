"""Unread on the list: by whoever looks, and gone when they look."""

from __future__ import annotations

import re

import pytest

from rapport.conversations.access import visible_to
from rapport.conversations.marking_read import UNREAD, is_unread, mark_read
from rapport.conversations.noting import write_note
from rapport.conversations.solving import solve_conversation
from rapport.kernel.asking import ask
from tests.makers import make_conversation, make_inbound
from tests.web.inbox.conftest import HTMX
from tests.web.inbox.test_updates import catch_up

pytestmark = pytest.mark.django_db(transaction=True)


def is_bold(page: str, conversation) -> bool:
    row = re.search(rf'<li id="row_{conversation.pk}".*?</li>', page, re.DOTALL)
    assert row
    return "row--unread" in row[0] and ">unread<" in row[0]


def read(cast, agent) -> None:
    cast.tent.refresh_from_db()
    mark_read(cast.tent, by=agent.actor, up_to=cast.tent.last_message_id)


def test_opened_it_is_read_by_ben_and_by_nobody_else(cast, sign_in) -> None:
    make_inbound(cast.tent, text="More")
    ben, ada = sign_in(cast.ben), sign_in(cast.ada)
    assert is_bold(ben.get("/inbox/open").content.decode(), cast.tent)
    opened = ben.get(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open", headers=HTMX)
    assert not is_bold(opened.content.decode(), cast.tent)
    assert not is_bold(ben.get("/inbox/open").content.decode(), cast.tent)
    assert is_bold(ada.get("/inbox/open").content.decode(), cast.tent)


def test_opened_again_it_writes_nothing(cast, sign_in, django_assert_max_num_queries) -> None:
    ben, path = sign_in(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}?shelf=open"
    ben.get(path)
    with django_assert_max_num_queries(20) as asked:
        again = ben.get(path, headers=HTMX).content.decode()
    assert not [query for query in asked if "INSERT" in query["sql"]]
    assert 'id="row_' not in again


def test_bens_other_page_hears_of_it_and_adas_does_not(cast, sign_in) -> None:
    make_inbound(cast.tent, text="More")
    ben, ada = sign_in(cast.ben), sign_in(cast.ada)
    of_ben, of_ada = (each.get("/inbox/open").content.decode() for each in (ben, ada))
    read(cast, cast.ben)
    assert not is_bold(catch_up(ben, of_ben), cast.tent)
    assert "row_" not in catch_up(ada, of_ada)


def test_what_comes_while_ben_looks_is_read_and_what_comes_behind_his_back_is_not(
    cast, sign_in
) -> None:
    ben = sign_in(cast.ben)
    page = ben.get(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open").content.decode()
    write_note(cast.tent, by=cast.ada.actor, text="Behind his back")
    assert is_bold(catch_up(ben, page), cast.tent)
    seen = page.replace('updates="', 'updates="/inbox/updates?seen&amp;').replace(
        "&amp;/inbox/updates?", "&amp;"
    )
    assert not is_bold(catch_up(ben, seen), cast.tent)


def test_marked_as_unread_it_stays_so_while_the_page_is_open(cast, sign_in) -> None:
    ben, path = sign_in(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}"
    page = ben.get(f"{path}?shelf=open").content.decode()
    said = ben.post(f"{path}/glance?shelf=open", {"_method": "delete"}, headers=HTMX)
    assert is_bold(said.content.decode(), cast.tent)
    seen = page.replace("updates?shelf", "updates?seen&amp;shelf")
    assert is_bold(catch_up(ben, seen), cast.tent)
    back = ben.post(f"{path}/glance?shelf=open", headers=HTMX)
    assert not is_bold(back.content.decode(), cast.tent)


def test_without_scripts_marked_as_unread_leads_back_to_the_list(cast, sign_in) -> None:
    ben, path = sign_in(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}"
    ben.get(path)
    answer = ben.post(f"{path}/glance?shelf=open", {"_method": "delete"})
    assert answer.url == "/inbox/open"
    assert is_bold(ben.get(answer.url).content.decode(), cast.tent)


def test_a_head_request_reads_nothing(cast, sign_in) -> None:
    ben, path = sign_in(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}?shelf=open"
    make_inbound(cast.tent, text="More")
    ben.head(path)
    assert is_bold(ben.get("/inbox/open").content.decode(), cast.tent)


def test_the_statement_and_the_ability_mean_the_same_by_unread(cast) -> None:
    boots = make_conversation(cast.eli, subject="Boots", team=cast.support)
    make_inbound(boots, text="Too small")
    solve_conversation(boots, by=cast.ben.actor)
    read(cast, cast.ben)
    for agent in (cast.ada, cast.ben):
        for conversation in visible_to(agent):
            where = f"SELECT {UNREAD} FROM conversations_conversation c WHERE c.id = %(id)s"
            found = ask(where, {"me": agent.pk, "id": conversation.pk})[0][0]
            assert found is is_unread(conversation, by=agent.actor)
