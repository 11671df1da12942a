"""The bell and its page: what is told, and that opening reads it."""

from __future__ import annotations

from rapport.conversations.models import Notification
from rapport.conversations.noting import write_note
from tests.conversations.test_notifying import read_on
from tests.web.inbox.conftest import HTMX

PAGE = "/inbox/notifications"


def call(cast, text: str = "@Ada") -> None:
    write_note(cast.tent, by=cast.ben.actor, text=text)
    read_on()


def test_the_bell_counts_and_opening_the_conversation_reads_it(cast, sign_in) -> None:
    call(cast)
    client = sign_in(cast.ada)
    assert 'aria-label="1 unread notification"' in client.get("/inbox/open").content.decode()
    page = client.get(PAGE).content.decode()
    assert "Ben calls you by name" in page
    assert f"/inbox/conversations/C-{cast.tent.pk}#message_" in page
    here = f"/inbox/conversations/C-{cast.tent.pk}"
    opened = client.get(here, headers=HTMX).content.decode()
    assert 'hx-target="#bell"' in opened
    assert "unread notification" not in opened
    assert "unread notification" not in client.get("/inbox/open").content.decode()
    assert 'hx-target="#bell"' not in client.get(here, headers=HTMX).content.decode()


def test_all_are_read_at_once_with_and_without_scripts(cast, sign_in) -> None:
    client = sign_in(cast.ada)
    for headers, status in (({}, 302), (HTMX, 200)):
        call(cast)
        assert Notification.objects.filter(read_at=None).count() == 1
        assert client.post(PAGE, headers=headers).status_code == status
        assert not Notification.objects.filter(read_at=None).exists()


def test_the_bell_of_others_says_nothing_and_zoe_has_none(cast, sign_in) -> None:
    call(cast)
    assert "Ben calls" not in sign_in(cast.cy).get(PAGE).content.decode()
    assert sign_in(cast.zoe).get(PAGE).status_code == 403


def test_an_open_page_hears_the_bell_and_says_no_word_of_the_customers(cast, sign_in) -> None:
    client = sign_in(cast.ada)
    page = client.get("/inbox/open").content.decode()
    since = page.partition('since="')[2].partition('"')[0]
    call(cast, "@Ada, so angry")
    told = client.get(f"/inbox/updates?shelf=open&since={since}").content.decode()
    bell = told[told.index("<desk-bell") :].partition(">")[0]
    assert "Ben calls you by name" in bell
    assert "Namiot" not in bell
    assert "angry" not in bell


def test_the_bell_costs_the_same_for_one_and_for_many(
    cast, sign_in, django_assert_max_num_queries
) -> None:
    client = sign_in(cast.ada)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(40) as asked:
            client.get("/inbox/open")
        counts.append(len(asked))
        for _ in range(5):
            call(cast)
    assert counts[0] == counts[1]
