from __future__ import annotations

import re
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.assigning import assign_to_team
from rapport.conversations.noting import write_note
from rapport.conversations.solving import solve_conversation
from rapport.kernel.journal.following import read_after
from rapport.kernel.journal.models import Entry
from rapport.kernel.journal.positions import START
from tests.makers import make_conversation
from tests.web.inbox.conftest import HTMX

pytestmark = pytest.mark.django_db(transaction=True)


def live_of(page: str) -> tuple[str, str]:
    """Where the page fetches what changed, and since when."""
    found = re.search(r'<live-updates [^>]*since="([^"]*)" updates="([^"]*)"', page)
    assert found
    return found[2].replace("&amp;", "&"), found[1]


def settle() -> None:
    """Wait until no transaction that is older than the news is open any more, anywhere on the server."""
    for _ in range(400):
        if len(read_after(START, limit=500)) == Entry.objects.count():
            return
        time.sleep(0.05)


def catch_up(client, page: str) -> str:
    """What the page fetches."""
    settle()
    address, since = live_of(page)
    return client.get(f"{address}&since={since}", headers=HTMX).content.decode()


def test_nothing_new_is_only_a_new_position(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    news = catch_up(client, client.get("/inbox/open").content.decode())
    assert news.count("<hx-partial") == 1
    assert 'hx-target="#live"' in news


def test_a_note_of_ada_reaches_bens_open_conversation_and_list(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    page = client.get(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open").content.decode()
    write_note(cast.tent, by=cast.ada.actor, text="Fresh from Ada")
    news = catch_up(client, page)
    assert "Fresh from Ada" in news
    assert f'id="row_{cast.tent.pk}"' in news
    assert 'hx-target="#recent"' in news
    assert catch_up(client, news).count("<hx-partial") == 1


def test_a_solved_conversation_leaves_the_open_shelf(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    page = client.get("/inbox/open").content.decode()
    solve_conversation(cast.tent, by=cast.ada.actor)
    news = catch_up(client, page)
    assert f'hx-target="#row_{cast.tent.pk}" hx-swap="delete"' in news
    assert 'hx-target="#shelves"' in news


def test_what_goes_to_another_team_leaves_bens_list_and_his_sight(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    page = client.get("/inbox/open").content.decode()
    assign_to_team(cast.tent, cast.returns, by=cast.ada.actor)
    assert f'hx-target="#row_{cast.tent.pk}" hx-swap="delete"' in catch_up(client, page)


def test_cy_hears_nothing_of_what_he_may_not_see(cast, sign_in) -> None:
    client = sign_in(cast.cy)
    page = client.get("/inbox/open").content.decode()
    write_note(cast.tent, by=cast.ada.actor, text="Only for Support")
    news = catch_up(client, page)
    assert "Only for Support" not in news
    assert f"row_{cast.tent.pk}" not in news
    address, since = live_of(page)
    spying = client.get(f"{address}&conversation={cast.tent.pk}&since={since}", headers=HTMX)
    assert spying.status_code == 404


@pytest.mark.parametrize("since", ["", "x", "1.2", "9.9.9.9", "-1.0.0"])
def test_a_lost_position_brings_the_page_up_whole(cast, sign_in, since: str) -> None:
    client = sign_in(cast.ben)
    write_note(cast.tent, by=cast.ada.actor, text="Early")
    news = client.get(f"/inbox/updates?shelf=open&since={since}", headers=HTMX)
    assert f'id="row_{cast.tent.pk}"' in news.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_news(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    page = client.get("/inbox/open").content.decode()
    write_note(cast.tent, by=cast.ada.actor, text="One")
    settle()
    address, since = live_of(page)
    with CaptureQueriesContext(connection) as one:
        client.get(f"{address}&since={since}", headers=HTMX)
    for number in range(10):
        other = make_conversation(cast.eli, subject=f"{number}", team=cast.support)
        write_note(other, by=cast.ada.actor, text="Many")
    settle()
    with CaptureQueriesContext(connection) as many:
        client.get(f"{address}&since={since}", headers=HTMX)
    assert len(many) == len(one)
