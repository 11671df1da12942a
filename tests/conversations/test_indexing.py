"""Indexing: what is said can be found soon after, and what is taken back cannot."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from rapport.conversations.assigning import assign_to_team
from rapport.conversations.indexing import FOLLOWER, index_messages
from rapport.conversations.models import Attachment, Message, SearchText
from rapport.conversations.noting import write_note
from rapport.conversations.searching import search_messages
from rapport.kernel import clock
from rapport.kernel.journal.following import FOLLOWERS, Follower, read_after
from rapport.kernel.journal.models import Cursor, Entry
from rapport.kernel.journal.rereading import AGAIN, read_on, rebuild, rereadings
from tests.cast import Cast, make_cast
from tests.makers import make_inbound, make_message


def _follow() -> None:
    """Read to the end; transactions of other tests on the same server may hold it up a little."""
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    until = time.monotonic() + 30
    while rereadings() or not Cursor.objects.filter(name=FOLLOWER, entry=last).exists():
        assert time.monotonic() < until
        if not read_on(FOLLOWERS[FOLLOWER]):
            time.sleep(0.01)


def _step(follower: Follower) -> int:
    """One batch, once those transactions have ended that may hold it up."""
    until = time.monotonic() + 30
    while not (count := read_on(follower)):
        assert time.monotonic() < until
        time.sleep(0.01)
    return count


@pytest.mark.django_db(transaction=True)
def test_a_note_is_found_once_the_journal_was_followed() -> None:
    cast = make_cast()
    write_note(cast.tent, by=cast.ben.actor, text="Seam batch 客戶 4711")
    _follow()
    assert len(search_messages(cast.ben, "客户 4711").hits) == 1


@pytest.mark.django_db(transaction=True)
def test_an_assigned_conversation_is_found_by_its_new_team() -> None:
    cast = make_cast()
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    assign_to_team(cast.tent, cast.returns, by=cast.ben.actor)
    _follow()
    assert len(search_messages(cast.cy, "zwrot").hits) == 1
    assert search_messages(cast.ben, "zwrot").hits == []


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_index_finds_the_same() -> None:
    cast = make_cast()
    write_note(cast.tent, by=cast.ben.actor, text="first")
    write_note(cast.tent, by=cast.ben.actor, text="second")
    _follow()
    before = list(SearchText.objects.order_by("pk").values_list("pk", "vector"))
    SearchText.objects.order_by("pk").first().delete()
    kept = SearchText.objects.get()
    SearchText.objects.filter(pk=kept.pk).update(vector="'nothing':1")
    assert rebuild(FOLLOWER)
    assert SearchText.objects.exists(), "what stands is found meanwhile"
    _follow()
    assert not rereadings()
    assert list(SearchText.objects.order_by("pk").values_list("pk", "vector")) == before


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_goes_on_where_a_killed_worker_was_and_news_come_first() -> None:
    cast = make_cast()
    notes = [write_note(cast.tent, by=cast.ben.actor, text=f"kettle {n}") for n in range(5)]
    _follow()
    SearchText.objects.all().delete()
    assert rebuild(FOLLOWER)
    assert not rebuild(FOLLOWER), "a second click is no second rebuild"
    follower = replace(FOLLOWERS[FOLLOWER], batch=2)
    assert _step(follower) == 2
    far = Cursor.objects.get(name=FOLLOWER + AGAIN).entry
    assert 0 < rereadings()[FOLLOWER].percent < 100
    assert not rebuild(FOLLOWER)
    assert Cursor.objects.get(name=FOLLOWER + AGAIN).entry == far
    news = write_note(cast.tent, by=cast.ben.actor, text="pan")
    while not read_after(Cursor.objects.get(name=FOLLOWER).position, limit=1):
        time.sleep(0.01)
    assert read_on(follower) == 1
    assert SearchText.objects.filter(pk=news.pk).exists()
    assert not SearchText.objects.filter(pk=notes[-1].pk).exists()
    _follow()
    assert SearchText.objects.count() == len(notes) + 1
    assert not rereadings()


def test_a_withdrawn_message_is_found_no_more(cast: Cast) -> None:
    message = make_inbound(cast.tent, text="kettle")
    index_messages([message.pk])
    Message.objects.filter(pk=message.pk).update(withdrawn_at=clock.now())
    index_messages([message.pk, 999_999])
    assert search_messages(cast.ada, "kettle").hits == []


def test_a_redacted_word_is_found_no_more(cast: Cast) -> None:
    message = make_inbound(cast.tent, text="card 4111111111111111")
    index_messages([message.pk])
    Message.objects.filter(pk=message.pk).update(text="card ████")
    index_messages([message.pk])
    assert search_messages(cast.ada, "4111111111111111").hits == []
    assert len(search_messages(cast.ada, "card").hits) == 1


def test_indexing_twice_writes_once(cast: Cast) -> None:
    message = make_inbound(cast.tent, text="kettle")
    index_messages([message.pk])
    rows = SearchText.objects.extra(select={"version": "xmin::text"})
    first = rows.get(pk=message.pk).version
    index_messages([message.pk])
    assert rows.get(pk=message.pk).version == first


def test_quoted_history_counts_only_where_it_is_news(cast: Cast) -> None:
    first = make_inbound(cast.tent, text="see below", quoted="> kettle")
    make_message(cast.tent, direction="in", text="answer", quoted="> kettle", in_reply_to=first)
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    assert [hit.message.pk for hit in search_messages(cast.ada, "kettle").hits] == [first.pk]


def test_a_message_is_found_by_the_name_of_its_file(cast: Cast) -> None:
    message = make_inbound(cast.tent, text="hi")
    Attachment.objects.create(message=message, name="Faktura_2024-17.pdf")
    index_messages([message.pk])
    assert len(search_messages(cast.ada, "faktura 2024-17").hits) == 1


@pytest.mark.parametrize(
    "addresses",
    [{}, {"to": None}, {"to": [None, "x", {"name": None}]}, {"from": {"name": "Ola"}}, []],
)
def test_odd_addresses_do_not_stop_the_index(cast: Cast, addresses: dict[str, object]) -> None:
    message = make_message(cast.tent, direction="in", text="hi", addresses=addresses)
    index_messages([message.pk])
    assert len(search_messages(cast.ada, "hi").hits) == 1


def test_a_message_of_any_size_is_indexed(cast: Cast) -> None:
    text = "kettle " + " ".join(f"{number:x}" + "z" * 40 for number in range(40_000))
    message = make_inbound(cast.tent, text=text, quoted=text, signature="'\\" * 9)
    index_messages([message.pk])
    assert len(search_messages(cast.ada, "kettle").hits) == 1
