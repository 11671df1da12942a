"""Tagging and prioritising."""

from __future__ import annotations

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.models import Conversation, Tag
from rapport.conversations.prioritising import prioritise_conversation
from rapport.conversations.tagging import BadTag, tag_conversation, untag_conversation
from tests.cast import Cast, make_cast
from tests.conversations.listening import kinds_of, last_entry
from tests.conversations.racing import race
from tests.makers import make_conversation


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_tag_at_once_share_it() -> None:
    cast = make_cast()
    boots = make_conversation(cast.eli, channel=cast.mail)

    def tag(conversation: Conversation, name: str) -> int:
        return tag_conversation(conversation, tag=name, by=cast.ada.actor).tag_id

    tags = race(lambda: tag(cast.tent, "Refund"), lambda: tag(boots, "refund"))
    assert tags[0] == tags[1]


def test_a_tag_is_the_same_whatever_its_case_and_put_on_once(cast: Cast) -> None:
    tag_conversation(cast.tent, tag=" Żagiel  łódź ", by=cast.ben.actor)
    tag_conversation(cast.tent, tag="#ŻAGIEL ŁÓDŹ", by=cast.ben.actor)
    assert [tag.name for tag in cast.tent.tags.all()] == ["Żagiel łódź"]
    assert kinds_of(cast.tent) == ["tagged"]


def test_taken_off_it_is_off_once_and_stays_for_others(cast: Cast) -> None:
    tag_conversation(cast.tent, tag="退款", by=cast.ben.actor)
    assert untag_conversation(cast.tent, tag="退款", by=cast.ben.actor)
    assert not untag_conversation(cast.tent, tag="退款", by=cast.ben.actor)
    assert kinds_of(cast.tent) == ["tagged", "untagged"]
    assert Tag.objects.get().name == "退款"


@pytest.mark.parametrize("name", ["", "  ", "#", "x" * 61, "a\x00b"])
def test_what_is_no_word_is_no_tag(cast: Cast, name: str) -> None:
    with pytest.raises(BadTag):
        tag_conversation(cast.tent, tag=name, by=cast.ben.actor)


def test_priority_changes_once_and_the_journal_knows_both(cast: Cast) -> None:
    for _click in range(2):
        prioritise_conversation(cast.tent, priority=4, by=cast.ben.actor)
    assert kinds_of(cast.tent) == ["prioritised"]
    assert (last_entry().details["before"], last_entry().details["priority"]) == (2, 4)
    with pytest.raises(ValueError):
        prioritise_conversation(cast.tent, priority=9, by=cast.ben.actor)


def test_zoe_tags_and_prioritises_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        tag_conversation(cast.tent, tag="vip", by=cast.zoe.actor)
    with pytest.raises(NotAllowed):
        untag_conversation(cast.tent, tag="vip", by=cast.zoe.actor)
    with pytest.raises(NotAllowed):
        prioritise_conversation(cast.tent, priority=1, by=cast.zoe.actor)
