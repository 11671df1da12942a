"""Searching: the newest hits, found by whoever may see them and by nobody else."""

from __future__ import annotations

import pytest

from rapport.conversations.bucketing import WIDTHS, Reach, reach_over, reach_within
from rapport.conversations.indexing import index_messages
from rapport.conversations.looking_back import Budget
from rapport.conversations.models import Conversation, Message, SearchText
from rapport.conversations.searching import SearchPage, search_messages
from rapport.kernel.text.vectoring import search_vector
from tests.cast import Cast
from tests.makers import make_agent, make_conversation, make_inbound, make_message

ENDLESS = Budget(milliseconds=1e9, looks=10_000)


def _index_all() -> None:
    index_messages(list(Message.objects.values_list("pk", flat=True)))


def _texts(cast_agent: object, question: str, **how: object) -> list[str]:
    hits = search_messages(cast_agent, question, **how).hits  # type: ignore[arg-type]
    return [hit.message.text for hit in hits]


@pytest.mark.parametrize(
    "question",
    ["pieniedzy", "zwrotów", "ZDJĘCIE zwrot", "Zielinska zalaczniku", "dora@poczta.example zwrot"],
)
def test_a_message_is_found_by_its_words_and_its_people(cast: Cast, question: str) -> None:
    _index_all()
    assert _texts(cast.ada, question) == ["W załączniku zdjęcie. Czy mogę dostać zwrot pieniędzy?"]


ENGLISH = "The customer called us again about the tents that we sent to Łodzi: they were refunded in May. "


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("lodz refund", "Łódź refunded her"),
        ("lodz tent", ENGLISH * 3),
        ("łódź refunds", ENGLISH),
        ("refund zwrotów", "zwrot: refunded"),
        ("deliveries", "Żółta 5, delivery"),
    ],
)
def test_a_note_in_two_languages_is_found_by_the_words_that_are_marked_in_it(
    cast: Cast, question: str, text: str
) -> None:
    make_inbound(cast.tent, text=text)
    _index_all()
    assert [hit.message.text for hit in search_messages(cast.ben, question).hits] == [text]


def test_a_simplified_question_finds_a_traditional_message(cast: Cast) -> None:
    make_conversation(cast.eli, text="我的訂單一直沒有收到，可以退款嗎？")
    _index_all()
    assert len(_texts(cast.ada, "订单 退款")) == 1
    assert len(_texts(cast.ada, "林怡立")) == 1


def test_newest_comes_first_and_pages_go_on_where_the_last_ended(cast: Cast) -> None:
    for number in range(9):
        make_inbound(cast.tent, text=f"kettle {number}")
    _index_all()
    first = search_messages(cast.ada, "kettle", limit=4)
    second = search_messages(cast.ada, "kettle", limit=4, before=first.after)
    third = search_messages(cast.ada, "kettle", limit=4, before=second.after)
    found = [hit.message.text for hit in first.hits + second.hits + third.hits]
    assert found == [f"kettle {number}" for number in reversed(range(9))]
    assert (third.after, first.since, second.since, third.since) == (None, None, None, None)


def test_a_hit_shows_its_words_in_the_writers_spelling(cast: Cast) -> None:
    _index_all()
    hit = search_messages(cast.ada, "pieniedzy").hits[0]
    assert [hit.snippet.text[a:b] for a, b in hit.snippet.spans] == ["pieniędzy"]
    hit = search_messages(cast.ada, "namiot przecieka").hits[-1]
    subject = hit.message.subject
    assert [subject[a:b] for a, b in hit.subject_spans] == ["Namiot", "przecieka"]


def test_a_hit_in_quoted_words_or_in_the_signature_shows_them(cast: Cast) -> None:
    first = make_inbound(cast.tent, text="see below", quoted="> the kettle leaks")
    signed = make_inbound(cast.tent, text="hello", signature="Dora, Kettle Street 5")
    _index_all()
    shown = {
        hit.message.pk: [hit.snippet.text[a:b] for a, b in hit.snippet.spans]
        for hit in search_messages(cast.ada, "kettle").hits
    }
    assert shown == {first.pk: ["kettle"], signed.pk: ["Kettle"]}


def test_a_hit_in_our_own_words_shows_them_without_markup(cast: Cast) -> None:
    make_message(cast.tent, direction="note", text="The **kettle** is [here](https://x.example/1)")
    make_inbound(cast.tent, text="my **kettle**")
    _index_all()
    shown = [hit.snippet.text for hit in search_messages(cast.ada, "kettle").hits]
    assert shown == ["my **kettle**", "The kettle is here"]


def test_an_unfinished_word_finds_as_one_types(cast: Cast) -> None:
    _index_all()
    assert _texts(cast.ada, "pienię") == []
    assert len(_texts(cast.ada, "pienię*")) == 1


def test_an_unfinished_word_keeps_to_the_other_words_and_to_what_one_may_see(cast: Cast) -> None:
    for number in range(700):
        make_inbound(cast.tent, text=f"kettle-{number} {'lid' if number % 100 == 5 else ''}")
    _index_all()
    wanted = [f"kettle-{number} lid" for number in range(605, 0, -100)]
    assert _texts(cast.ben, "lid kett*") == wanted
    assert _texts(cast.ben, "-kettle-605 lid kett*") == wanted[1:]
    assert len(_texts(cast.ben, "kett*")) == 20
    Conversation.objects.filter(pk=cast.tent.pk).update(team=cast.returns)
    assert _texts(cast.ben, "lid kett*") == []


@pytest.mark.parametrize("question", ["", " ", "-zwrot", "'", '"', "\x00", "🙂", "& | !"])
def test_a_question_without_words_finds_nothing(cast: Cast, question: str) -> None:
    _index_all()
    assert search_messages(cast.ada, question) == SearchPage([])


def test_who_may_not_see_a_conversation_does_not_find_it(cast: Cast) -> None:
    _index_all()
    assert len(_texts(cast.ben, "zwrot")) == 1
    assert _texts(cast.cy, "zwrot") == []
    assert _texts(cast.zoe, "zwrot") == []


def test_what_moves_to_another_team_is_lost_at_once_and_found_by_its_new_one(cast: Cast) -> None:
    from rapport.conversations.indexing import place_conversations

    _index_all()
    Conversation.objects.filter(pk=cast.tent.pk).update(team=cast.returns)
    assert _texts(cast.ben, "zwrot") == []
    place_conversations([cast.tent.pk])
    assert _texts(cast.ben, "zwrot") == []
    assert len(_texts(cast.cy, "zwrot")) == 1


def test_an_assignee_finds_what_no_team_of_theirs_has(cast: Cast) -> None:
    lone = make_agent("Lou")
    Conversation.objects.filter(pk=cast.tent.pk).update(assignee=lone)
    _index_all()
    assert len(_texts(lone, "zwrot")) == 1


def test_hits_that_left_ones_sight_make_room_for_older_ones(cast: Cast) -> None:
    old = make_conversation(cast.eli, text="kettle old")
    hidden = make_conversation(cast.eli, text="")
    for number in range(12):
        make_inbound(hidden, text=f"kettle {number}")
    _index_all()
    Conversation.objects.filter(pk=hidden.pk).update(team=cast.returns)
    assert _texts(cast.ben, "kettle", limit=2) == ["kettle old"]
    assert old.team_id is None


def test_sparse_hits_are_found_through_every_width_of_bucket(cast: Cast) -> None:
    given = Message.objects.latest("pk").pk  # ids go on where the tests before this one ended
    ids = [pk for pk in range(713, 2_100_000, 700) if abs(pk - given) > 50]
    common = {"conversation": cast.tent, "direction": "in"}
    Message.objects.bulk_create(
        [Message(pk=pk, text=_words(pk), **common) for pk in ids], batch_size=500
    )
    for start in range(0, len(ids), 500):
        index_messages(ids[start : start + 500])
    for word in ("all", "ten", "hundred", "thousand"):
        wanted = [pk for pk in reversed(ids) if word in _words(pk)]
        for before in (None, 1_500_000, 40_000, 700):
            older = [pk for pk in wanted if before is None or pk < before][:20]
            for question in (word, f"all {word[:-1]}*"):
                hits = search_messages(cast.ada, question, before=before, budget=ENDLESS).hits
                assert [hit.message.pk for hit in hits] == older


def _words(pk: int) -> str:
    number = pk // 700
    marks = {"all": 1, "ten": 10, "hundred": 100, "thousand": 1000}
    return " ".join(word for word, each in marks.items() if number % each == 0)


@pytest.mark.parametrize("before", [1, 2, 256, 257, 5_000, 3_000_000])
@pytest.mark.parametrize("buckets", [1, 2, 5])
def test_a_reach_covers_what_lies_just_before(before: int, buckets: int) -> None:
    for letter, width in WIDTHS.items():
        reach = Reach(letter, buckets)
        numbers = {
            int(mark.strip(f"' #{letter}")) for mark in reach.query(before=before).split("|")
        }
        ids = {pk for pk in range(max(0, before - 600), before) if pk // width in numbers}
        seen = min(600, reach.width(before=before))
        assert ids == set(range(max(0, before - seen), before))


def test_a_reach_is_as_wide_as_it_is_wanted_and_no_wider_than_it_may_be() -> None:
    assert reach_over(0, before=1_000_001) == Reach("v", 1)
    assert reach_over(900, before=1_000_001) == Reach("v", 5)
    assert reach_over(20_000, before=1_000_001) == Reach("x", 3)
    assert reach_over(200_000, before=1_000_001) == Reach("z", 2)
    assert reach_over(2e9, before=90_000_000) == Reach("z", 2)
    assert reach_over(2e9, before=700) == Reach("v", 4)
    for before in (1, 300, 40_000, 1_000_001, 90_000_000):
        for width in (300, 5_000, 140_000, 3_000_000):
            reach = reach_within(width, before=before)
            assert min(width, before) / 9 < reach.width(before=before) <= width
    assert reach_within(0, before=1_000_001) == Reach("v", 1)


def test_no_word_of_a_stranger_can_pass_for_a_mark() -> None:
    assert "'#" not in search_vector({"C": "#t0 #a1 '#v0' ＃t0"})
    assert SearchText._meta.pk is not None
