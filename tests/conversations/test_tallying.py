from __future__ import annotations

import random
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from rapport.conversations import tallying
from rapport.conversations.assigning import assign_to_agent, unassign_agent
from rapport.conversations.keeping_views import Draft, keep_view
from rapport.conversations.locking import Refusal
from rapport.conversations.marking_spam import mark_spam
from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Conversation
from rapport.conversations.noting import write_note
from rapport.conversations.reopening import reopen_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation, untag_conversation
from rapport.conversations.tallying import TALLIES
from rapport.conversations.watching import watch_conversation
from rapport.customers.changing_customers import change_customer
from rapport.kernel.asking import ask
from rapport.web.inbox import counting
from rapport.web.inbox.counting import count_shelves, definition_of
from rapport.web.inbox.shelves import SHELVES
from tests.cast import make_cast
from tests.makers import make_conversation

pytestmark = pytest.mark.django_db(transaction=True)
QUERIES = (
    "is:open tag:vip", "is:open -tag:vip", "has:draft", "is:open owner:me", "is:unanswered priority:>=high",
    "is:watched", "is:unread is:open", "is:open attr.plan:gold", "from:dora@poczta.example", "is:open team:mine",
    "is:open subject:case",
)  # fmt: skip


@pytest.fixture
def cast():
    TALLIES.forget()
    cast = make_cast()
    for place, query in enumerate((*QUERIES,)):
        if "tag:vip" in query and place == 0:
            tag_conversation(cast.tent, tag="vip", by=cast.ada.actor)
        for agent in (cast.ada, cast.ben):
            keep_view(Draft(f"View {place}", query), by=agent.actor)
    for number in range(8):
        team = (None, cast.support, cast.returns)[number % 3]
        make_conversation(cast.eli, subject=f"Case {number}", team=team)
    yield cast
    TALLIES.forget()


def plainly(agent) -> dict[str, str]:
    counts = count_shelves(agent)
    lists = [s for s in (*SHELVES.values(), *counts.lists.values()) if s.is_counted]
    found = {}
    for shelf in lists:
        asked = definition_of(agent, shelf)
        statement = f"SELECT count(*) FROM conversations_conversation c WHERE {asked.where}"
        count = ask(statement, asked.parameters)[0][0]
        found[shelf.name] = f"{tallying.CAP - 1}+" if count >= tallying.CAP else str(count or "")
    return found


def check(*agents) -> None:
    for agent in agents:
        assert dict(count_shelves(agent).shelves) == plainly(agent)


def stir(cast, dice: random.Random) -> None:
    one, other = dice.sample(list(Conversation.objects.order_by("id")), 2)
    by = cast.ada.actor
    things = (
        lambda: solve_conversation(one, by=by),
        lambda: reopen_conversation(one, by=by),
        lambda: tag_conversation(one, tag="vip", by=by),
        lambda: untag_conversation(one, tag="vip", by=by),
        lambda: assign_to_agent(one, cast.ben, by=by),
        lambda: unassign_agent(one, by=by),
        lambda: mark_spam(one, by=by),
        lambda: merge_conversations(one, into=other, by=by),
        lambda: watch_conversation(one, agent=cast.ben, by=cast.ben.actor),
        lambda: write_note(one, text="Hm.", by=by),
        lambda: change_customer(cast.eli, by=by, attributes={"plan": dice.choice(["gold", None])}),
    )
    try:
        dice.choice(things)()
    except (Refusal, PermissionDenied):
        pass


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_history_the_counts_are_those_of_counting_anew(cast, monkeypatch, seed) -> None:
    monkeypatch.setattr(tallying, "CAP", 3)
    monkeypatch.setattr(counting, "CAP", 3)
    monkeypatch.setattr(tallying, "KEPT", 5)
    dice = random.Random(seed)
    for _ in range(25):
        for _ in range(dice.randrange(3)):
            stir(cast, dice)
        check(*dice.sample([cast.ada, cast.ben, cast.cy], 2))
    cast.support.memberships.all().delete()
    cast.ben.known_teams = None
    check(cast.ben)


def test_what_changes_is_judged_and_nothing_is_counted_anew(cast) -> None:
    check(cast.ada, cast.ben)
    before = TALLIES.spent.counted
    unspoken = 1 + sum(shelf.is_unspoken for shelf in SHELVES.values())
    for number in range(4):
        tag_conversation(cast.tent, tag=f"tag {number}", by=cast.ada.actor)
        solve_conversation(cast.tent, by=cast.ada.actor)
        reopen_conversation(cast.tent, by=cast.ada.actor)
        count_shelves(cast.ada)
        count_shelves(cast.ben)
    assert TALLIES.spent.counted - before == 4 * 2 * unspoken
    check(cast.ada, cast.ben)


def test_a_slow_commit_and_what_came_before_it_are_both_counted(cast) -> None:
    check(cast.ben)
    hold, is_held = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                solve_conversation(cast.tent, by=cast.ada.actor)
                is_held.set()
                hold.wait(20)
        finally:
            connection.close()

    writer = threading.Thread(target=slowly)
    writer.start()
    assert is_held.wait(20)
    made = Conversation.objects.get(subject="Case 0")
    assign_to_agent(made, cast.ben, by=cast.ada.actor)
    check(cast.ben)
    check(cast.ben)
    hold.set()
    writer.join()
    check(cast.ben)


def test_what_is_rolled_back_is_not_remembered(cast) -> None:
    check(cast.ada)
    with transaction.atomic():
        solve_conversation(cast.tent, by=cast.ada.actor)
        count_shelves(cast.ada)
        transaction.set_rollback(True)
    check(cast.ada)


def test_another_journal_in_the_same_place_is_noticed(cast) -> None:
    check(cast.ada)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_entry")
        cursor.execute("UPDATE conversations_conversation SET state = 'solved'")
    check(cast.ada)


def test_memory_is_bounded(cast, monkeypatch) -> None:
    monkeypatch.setattr(tallying, "MOST_TALLIES", 7)
    check(cast.ada, cast.ben)
    assert TALLIES.size[0] <= 7
    check(cast.ada, cast.ben)
