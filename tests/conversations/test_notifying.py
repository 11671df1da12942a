"""Notifying: each hears once, by the ways they chose, and nobody of what they may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.mailing import send_mail
from rapport.accounts.models import Agent
from rapport.channels.events import DeliveryFailed
from rapport.channels.following import notify_writers
from rapport.conversations.assigning import assign_to_agent, assign_to_team, claim_conversation
from rapport.conversations.digesting import mail_digest, mail_digests
from rapport.conversations.events import ConversationWoken, MessageReceived
from rapport.conversations.models import Conversation, Notification, NotificationKind
from rapport.conversations.notifying import notify_of_news
from rapport.conversations.noting import write_note
from rapport.conversations.reading_notifications import (
    bell_of,
    choose_notifications,
    discard_old_notifications,
    mark_notifications_read,
    notifications_of,
)
from rapport.conversations.watching import watch_conversation
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.journal.following import FOLLOWERS
from rapport.kernel.journal.models import Entry
from tests.accounts.test_mailing import server  # noqa: F401 - a fixture
from tests.cast import Cast
from tests.makers import make_agent, make_inbound

SYSTEM = Actor.system("a test")


def told() -> list[tuple[str, str, int]]:
    rows = Notification.objects.filter(read_at=None).order_by("agent__name", "kind")
    return [(row.agent.name, row.kind, row.times) for row in rows.select_related("agent")]


def read_on() -> None:
    """Let the follower read everything, from row one."""
    kinds = FOLLOWERS["conversations.notifications"].kinds
    notify_of_news(list(Entry.objects.filter(kind__in=kinds).order_by("era", "xid", "id")))


def hear_from_dora(cast: Cast, *, kind: str = "human") -> None:
    message = make_inbound(cast.tent, text="Secret words of Dora")
    event = MessageReceived(
        by=cast.dora.actor,
        conversation=cast.tent.pk,
        team=cast.support.pk,
        message=message.pk,
        message_kind=kind,
    )
    journal.record(event)


def test_each_hears_for_the_most_telling_reason_and_nobody_of_their_own_doing(cast: Cast) -> None:
    watch_conversation(cast.tent, agent=cast.ada, by=cast.ada.actor)
    watch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor)
    write_note(cast.tent, by=cast.ben.actor, text="@Ada and @Ben, see")
    assign_to_agent(cast.tent, cast.ben, by=cast.ada.actor)
    read_on()
    assert told() == [("Ada", "mention", 1), ("Ben", "given", 1)]


def test_reading_the_journal_again_tells_nobody_twice(cast: Cast) -> None:
    claim_conversation(cast.tent, by=cast.ben.actor)
    for _ in range(3):
        hear_from_dora(cast)
        read_on()
    assert told() == [("Ben", "answered", 3)]
    mark_notifications_read(cast.ben)
    read_on()
    assert told() == []
    hear_from_dora(cast)
    read_on()
    assert told() == [("Ben", "answered", 1)]


def test_a_machines_mail_tells_nobody(cast: Cast) -> None:
    claim_conversation(cast.tent, by=cast.ben.actor)
    hear_from_dora(cast, kind="auto_reply")
    read_on()
    assert told() == []


def test_who_lost_access_hears_nothing_more_and_sees_nothing_old(cast: Cast) -> None:
    watch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor)
    write_note(cast.tent, by=cast.ada.actor, text="One")
    read_on()
    assert bell_of(cast.ben).unread == 1
    assign_to_team(cast.tent, cast.returns, by=cast.ada.actor)
    write_note(cast.tent, by=cast.ada.actor, text="Two")
    read_on()
    assert told() == [("Ben", "watched", 1)]
    assert bell_of(cast.ben).unread == 0
    assert bell_of(cast.ben).newest is None
    assert not notifications_of(cast.ben)


def test_a_failed_message_and_a_snooze_that_woke_tell_their_people(cast: Cast) -> None:
    claim_conversation(cast.tent, by=cast.ben.actor)
    answer = cast.tent.messages.filter(direction="out").latest("pk")
    place = {"conversation": cast.tent.pk, "message": answer.pk, "channel": cast.mail.pk}
    journal.record(DeliveryFailed(by=SYSTEM, delivery=1, error="x", **place))
    journal.record(ConversationWoken(by=SYSTEM, conversation=cast.tent.pk, reason="time"))
    notify_writers(list(Entry.objects.filter(kind=DeliveryFailed.kind)))
    read_on()
    assert told() == [("Ben", "failed", 1), ("Ben", "woken", 1)]


def test_what_is_chosen_away_is_not_told(cast: Cast) -> None:
    nothing: dict[str, list[str]] = {kind.value: [] for kind in NotificationKind}
    choose_notifications(cast.ada, ways=nothing, mail_minutes=0, has_words=False)
    write_note(cast.tent, by=cast.ben.actor, text="@Ada")
    read_on()
    assert told() == []


def test_the_browser_is_told_no_word_of_the_customers_unless_that_was_chosen(cast: Cast) -> None:
    write_note(cast.tent, by=cast.ben.actor, text="@Ada")
    read_on()
    newest = bell_of(cast.ada).newest
    assert newest
    assert (newest.by_name, newest.subject) == ("Ben", "")
    choose_notifications(cast.ada, ways={}, mail_minutes=60, has_words=True)
    newest = bell_of(cast.ada).newest
    assert newest
    assert newest.subject == "Namiot przecieka"


def test_reading_one_conversation_leaves_the_others_and_twice_is_once(cast: Cast) -> None:
    write_note(cast.tent, by=cast.ben.actor, text="@Ada")
    read_on()
    other = Conversation.objects.create(customer=cast.eli)
    assert mark_notifications_read(cast.ada, conversation=other) == 0
    assert mark_notifications_read(cast.ada, conversation=cast.tent) == 1
    assert mark_notifications_read(cast.ada, conversation=cast.tent) == 0
    kinds = Entry.objects.filter(kind="conversations.notifications_read")
    assert [entry.streams for entry in kinds] == [f"agent:{cast.ada.pk}"]
    with time_machine.travel(clock.now() + timedelta(days=91)):
        assert discard_old_notifications() == 1


def later(minutes: int) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(minutes=minutes))


def test_one_mail_tells_what_is_still_unread_with_links_and_no_words(cast: Cast, server) -> None:  # noqa: F811
    write_note(cast.tent, by=cast.ben.actor, text="@Ada, she is furious")
    read_on()
    assert mail_digests() == 0, "there is time to read it here first"
    with later(61):
        assert mail_digests() == 1
        assert mail_digests() == 0
    (job,) = ProcrastinateJob.objects.filter(task_name="accounts.send_mail")
    send_mail(**job.args)
    (words,), (mail,) = server.words(), server.texts()
    assert f"/inbox/conversations/C-{cast.tent.pk}" in words
    assert "Ben calls you by name" in words
    assert "furious" not in mail
    assert "Namiot" not in mail
    assert "List-Unsubscribe: <http" in mail


@pytest.mark.parametrize("loss", ["read", "role", "gone", "team", "never"])
def test_no_mail_about_what_was_read_or_may_not_be_seen(cast: Cast, server, loss: str) -> None:  # noqa: F811
    watcher = make_agent("Lea", team=cast.support)
    write_note(cast.tent, by=cast.ben.actor, text="@Lea")
    read_on()
    if loss == "read":
        mark_notifications_read(watcher, conversation=cast.tent)
    elif loss == "team":
        assign_to_team(cast.tent, cast.returns, by=cast.ada.actor)
    elif loss == "never":
        choose_notifications(watcher, ways={}, mail_minutes=0, has_words=False)
    else:
        fields = {"role": "none"} if loss == "role" else {"is_active": False}
        Agent.objects.filter(pk=watcher.pk).update(**fields)
    with later(61):
        assert mail_digests() == 0
        assert not mail_digest(Agent.objects.get(pk=watcher.pk))
    assert not ProcrastinateJob.objects.filter(task_name="accounts.send_mail").exists()


def test_a_batch_costs_the_same_questions_however_many_conversations_nobody_owns(
    cast: Cast, django_assert_max_num_queries
) -> None:
    for _ in range(20):
        hear_from_dora(cast)
    with django_assert_max_num_queries(3):
        read_on()


def test_what_was_long_ago_when_it_is_read_tells_nobody(cast: Cast) -> None:
    write_note(cast.tent, by=cast.ben.actor, text="@Ada")
    with later(3 * 24 * 60):
        read_on()
    assert told() == []
