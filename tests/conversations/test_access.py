"""Access: who sees which conversation, and hears of it."""

from __future__ import annotations

import pytest

from rapport.conversations.access import (
    NotAllowed,
    check_may_see,
    check_may_start,
    check_may_work,
    streams_of,
    visible_to,
)
from rapport.conversations.assigning import assign_to_agent
from rapport.kernel.actors import Actor
from tests.cast import Cast
from tests.makers import make_agent, make_conversation


def test_each_sees_their_own_list_and_zoe_none(cast: Cast) -> None:
    loose = make_conversation(cast.eli, channel=cast.mail)
    returned = make_conversation(cast.eli, channel=cast.mail, team=cast.returns)
    lead = make_agent("Lea", role="lead")
    sights = {cast.ada: 3, lead: 3, cast.ben: 2, cast.cy: 2, cast.zoe: 0}
    assert {agent: visible_to(agent).count() for agent in sights} == sights
    assert set(visible_to(cast.cy)) == {loose, returned}
    assign_to_agent(returned, cast.ben, by=cast.ada.actor)
    assert visible_to(cast.ben).count() == 3


def test_a_viewer_reads_and_changes_nothing(cast: Cast) -> None:
    viewer = make_agent("Val", role="viewer", team=cast.support)
    check_may_see(viewer.actor, cast.tent)
    for check in (check_may_work, lambda by, _tent: check_may_start(by)):
        with pytest.raises(NotAllowed):
            check(viewer.actor, cast.tent)


def test_a_role_taken_away_counts_at_once(cast: Cast) -> None:
    by = cast.ben.actor
    check_may_work(by, cast.tent)
    type(cast.ben).objects.filter(pk=cast.ben.pk).update(is_active=False)
    for check in (check_may_work, check_may_see):
        with pytest.raises(NotAllowed):
            check(by, cast.tent)


def test_somebody_who_is_nobody_may_nothing(cast: Cast) -> None:
    ghost = Actor("agent", None, "Ghost")
    for check in (check_may_work, check_may_see):
        with pytest.raises(NotAllowed):
            check(ghost, cast.tent)


def test_each_hears_of_their_own_lists(cast: Cast) -> None:
    assert streams_of(cast.ada) == ["inbox:*", f"agent:{cast.ada.pk}"]
    assert streams_of(cast.ben) == ["inbox:0", f"inbox:{cast.support.pk}", f"agent:{cast.ben.pk}"]
    assert streams_of(cast.zoe) == []
