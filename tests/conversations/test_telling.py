"""Telling: what happened, in its order, at the same cost however much there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rapport.conversations.merging import merge_conversations
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation, untag_conversation
from rapport.conversations.telling import tell_happenings
from rapport.conversations.unmerging import undo_merge
from rapport.kernel import clock
from tests.cast import Cast
from tests.makers import make_conversation


def test_the_one_that_others_went_into_tells_of_it_and_of_nothing_else_of_theirs(
    cast: Cast,
) -> None:
    boots = make_conversation(cast.dora, channel=cast.mail, team=cast.support)
    tag_conversation(boots, tag="size", by=cast.ben.actor)
    merge = merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    solve_conversation(cast.tent, by=cast.ben.actor)
    undo_merge(merge, by=cast.ben.actor)
    kinds = [entry.kind for entry in tell_happenings(cast.tent)]
    assert kinds == ["conversations.merged", "conversations.solved", "conversations.unmerged"]
    stove = make_conversation(cast.dora, channel=cast.mail, team=cast.support)
    merge_conversations(boots, into=stove, by=cast.ben.actor)
    assert [entry.kind for entry in tell_happenings(cast.tent)] == kinds


def test_only_the_newest_are_told_and_only_of_the_time_that_is_asked_for(cast: Cast) -> None:
    for number in range(4):
        tag_conversation(cast.tent, tag=f"t{number}", by=cast.ben.actor)
    told = tell_happenings(cast.tent, most=2)
    assert [entry.details["tag"] for entry in told] == ["t2", "t3"]
    assert tell_happenings(cast.tent, before=told[0].at)[-1].details["tag"] == "t1"
    assert tell_happenings(cast.tent, since=clock.now() + timedelta(seconds=1)) == []


def test_it_costs_one_query_however_much_has_happened(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        tell_happenings(cast.tent)
    for _turn in range(3):
        tag_conversation(cast.tent, tag="x", by=cast.ben.actor)
        untag_conversation(cast.tent, tag="x", by=cast.ben.actor)
    with django_assert_num_queries(1):
        assert len(tell_happenings(cast.tent)) == 6
