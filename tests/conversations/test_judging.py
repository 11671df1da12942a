"""Who wrote a message is decided by its headers, until a person knows better; and that can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.judging import NotJudged, judge_message, take_judgement_back
from rapport.conversations.models import Judgement, Message, State
from rapport.conversations.reckoning import COLUMNS
from rapport.conversations.replying import reply
from rapport.conversations.snoozing import snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from tests.cast import Cast
from tests.conversations.racing import race
from tests.makers import make_inbound

pytestmark = pytest.mark.django_db
JUDGED = "conversations.message_judged"


@pytest.fixture
def taken_for_a_machines(cast: Cast) -> Message:
    """A mail of Dora's to an answered conversation, which her mailer marked as bulk."""
    reply(cast.tent, by=cast.ben.actor, text="Zwrócimy.")
    why = {"kind": "Precedence is bulk", "thread": "reference"}
    return make_inbound(cast.tent, text="Kiedy?", kind="bulk", why=why)


def test_a_person_wrote_it_after_all_and_waits(cast: Cast, taken_for_a_machines: Message) -> None:
    cast.tent.refresh_from_db()
    assert cast.tent.waiting_since is None
    judgement = judge_message(taken_for_a_machines, kind="human", by=cast.ben.actor)
    assert judgement
    assert (judgement.by_name, judgement.before) == (cast.ben.name, "bulk")
    cast.tent.refresh_from_db()
    assert cast.tent.waiting_since == taken_for_a_machines.sent_at
    told = Entry.objects.filter(kind=JUDGED).values_list("details__judged", "details__before")
    assert list(told) == [("human", "bulk")]


@pytest.mark.django_db(transaction=True)
def test_said_by_two_at_once_it_is_one_judgement(cast: Cast, taken_for_a_machines: Message) -> None:
    number = taken_for_a_machines.pk

    def say() -> Judgement | None:
        return judge_message(Message.objects.get(pk=number), kind="human", by=cast.ben.actor)

    one, other = race(say, say)
    assert one == other == Judgement.objects.get()
    assert Entry.objects.filter(kind=JUDGED).count() == 1


def test_taken_back_every_column_is_as_it_was(cast: Cast, taken_for_a_machines: Message) -> None:
    cast.tent.refresh_from_db()
    row = Message.objects.filter(pk=taken_for_a_machines.pk)
    before, tent = row.values().get(), {name: getattr(cast.tent, name) for name in COLUMNS}
    judge_message(taken_for_a_machines, kind="human", by=cast.ben.actor)
    assert take_judgement_back(taken_for_a_machines, by=cast.ada.actor)
    assert not take_judgement_back(taken_for_a_machines, by=cast.ada.actor)
    cast.tent.refresh_from_db()
    assert row.values().get() == before
    assert {name: getattr(cast.tent, name) for name in COLUMNS} == tent
    assert Judgement.objects.get().ended_by_name == cast.ada.name


def test_a_machine_wrote_it_and_nobody_waits(cast: Cast) -> None:
    reply(cast.tent, by=cast.ben.actor, text="Zwrócimy.")
    news = make_inbound(cast.tent, text="Our autumn news")
    judge_message(news, kind="auto_reply", by=cast.ben.actor)
    cast.tent.refresh_from_db()
    assert cast.tent.waiting_since is None
    judge_message(news, kind="human", by=cast.ben.actor)
    cast.tent.refresh_from_db()
    assert cast.tent.waiting_since == news.sent_at
    assert Judgement.objects.standing().count() == 1


@pytest.mark.parametrize("rest", ["solved", "snoozed"])
def test_a_persons_word_opens_what_rests_and_lets_it_lie_down_again(cast: Cast, rest: str) -> None:
    reply(cast.tent, by=cast.ben.actor, text="Zwrócimy.")
    if rest == "solved":
        solve_conversation(cast.tent, by=cast.ben.actor)
    else:
        until = clock.now() + timedelta(days=3)
        snooze_conversation(cast.tent, until=until, by=cast.ben.actor)
    late = make_inbound(cast.tent, text="Kiedy?", kind="bulk")
    judge_message(late, kind="human", by=cast.ben.actor)
    cast.tent.refresh_from_db()
    assert (cast.tent.state, cast.tent.waiting_since) == (State.OPEN, late.sent_at)
    take_judgement_back(late, by=cast.ben.actor)
    cast.tent.refresh_from_db()
    assert (cast.tent.state, cast.tent.waiting_since) == (rest, None)


def test_what_came_before_the_solution_does_not_open_it(cast: Cast) -> None:
    early = make_inbound(cast.tent, text="Kiedy?", kind="bulk")
    solve_conversation(cast.tent, by=cast.ben.actor)
    judge_message(early, kind="human", by=cast.ben.actor)
    cast.tent.refresh_from_db()
    assert cast.tent.state == State.SOLVED


def test_ours_and_nonsense_are_not_judged(cast: Cast, taken_for_a_machines: Message) -> None:
    ours = cast.tent.messages.get(text="Zwrócimy.")
    for message, kind in (
        (ours, "bulk"),
        (taken_for_a_machines, "own"),
        (taken_for_a_machines, ""),
    ):
        with pytest.raises(NotJudged):
            judge_message(message, kind=kind, by=cast.ben.actor)


def test_cy_and_zoe_judge_nothing(cast: Cast, taken_for_a_machines: Message) -> None:
    for stranger in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            judge_message(taken_for_a_machines, kind="human", by=stranger.actor)
        with pytest.raises(NotAllowed):
            take_judgement_back(taken_for_a_machines, by=stranger.actor)
    assert not Judgement.objects.exists()
