"""Reading notifications: what an agent should hear of, and that it was read by opening it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction

from rapport.accounts.models import Agent
from rapport.conversations.access import visible_to
from rapport.conversations.models import Conversation, Notification
from rapport.conversations.models.notification import NotificationChoice
from rapport.conversations.ringing import NotificationsRead
from rapport.conversations.seeing import sight_of
from rapport.kernel import clock, journal
from rapport.kernel.asking import Question, ask

#: More of them nobody counts, and so many a list shows.
MOST = 100
#: Days after which one that was read goes.
KEPT_DAYS = 90
BELL = """
SELECT (SELECT count(*) FROM (
            SELECT FROM conversations_notification n
            JOIN conversations_conversation c ON c.id = n.conversation_id
            WHERE n.agent_id = %(me)s AND n.read_at IS NULL AND n.on_desk AND {seen} LIMIT {most}) x),
       EXISTS (SELECT FROM conversations_notification n
               WHERE n.agent_id = %(me)s AND n.read_at IS NULL),
       b.id, b.kind, b.by_name, b.times, b.conversation_id, b.subject
FROM (SELECT) one LEFT JOIN LATERAL (
    SELECT n.id, n.kind, n.by_name, n.times, n.conversation_id,
           CASE WHEN h.has_words THEN c.subject ELSE '' END AS subject
    FROM conversations_notification n
    JOIN conversations_conversation c ON c.id = n.conversation_id
    LEFT JOIN conversations_notificationchoice h ON h.agent_id = n.agent_id
    WHERE n.agent_id = %(me)s AND n.read_at IS NULL AND n.in_browser AND {seen}
    ORDER BY n.at DESC LIMIT 1) b ON true
"""


class Newest(NamedTuple):
    """The newest unread one that the browser may tell; `subject` only for those who want words there."""

    id: int
    kind: str
    by_name: str
    times: int
    conversation: int
    subject: str


class Bell(NamedTuple):
    """How many are unread (to a hundred), whether any is by any way, and the newest for the browser."""

    unread: int
    has_unread: bool
    newest: Newest | None


def bell_of(agent: Agent) -> Bell:
    """What the bell of this agent says; always one statement."""
    count, has_unread, *newest = ask(*bell_question(agent))[0]
    return Bell(count, has_unread, Newest(*newest) if newest[0] else None)


def bell_question(agent: Agent) -> Question:
    """What `bell_of` asks."""
    seen, parameters = sight_of(agent)
    return Question(BELL.format(seen=seen, most=MOST), parameters)


def notifications_of(agent: Agent) -> Sequence[Notification]:
    """The newest ones of conversations that the agent may see, unread or not."""
    seen = visible_to(agent).values("pk")
    found = Notification.objects.filter(agent=agent, on_desk=True, conversation__in=seen)
    return list(found.select_related("conversation__customer").order_by("-at", "-pk")[:MOST])


def mark_notifications_read(agent: Agent, *, conversation: Conversation | None = None) -> int:
    """Those of a conversation that was opened, or all of them; twice is once. Returns how many."""
    unread = Notification.objects.filter(agent=agent, read_at=None)
    if conversation is not None:
        unread = unread.filter(conversation=conversation)
    with transaction.atomic():
        count = unread.update(read_at=clock.now())
        if count:
            number = conversation.pk if conversation else None
            journal.record(NotificationsRead(by=agent.actor, agent=agent.pk, conversation=number))
    return count


def choose_notifications(
    agent: Agent, *, ways: dict[str, list[str]], mail_minutes: int, has_words: bool
) -> NotificationChoice:
    """By which ways which kinds are told, how often a mail may come, and whether browsers show subjects."""
    choice, _ = NotificationChoice.objects.update_or_create(
        agent=agent,
        defaults={"ways": ways, "mail_minutes": mail_minutes, "has_words": has_words},
    )
    return choice


def discard_old_notifications() -> int:
    """Let go of those that were read long ago; returns how many."""
    old = clock.now() - timedelta(days=KEPT_DAYS)
    return Notification.objects.filter(read_at__lt=old).delete()[0]
