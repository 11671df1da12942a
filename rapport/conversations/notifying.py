"""Notifying: agents hear of what concerns them, by the ways that each of them has chosen.

The journal is followed: whoever is called by name, owns or watches a conversation gets a row, unless they did
it themselves or may not see it. What is of the same kind joins the row that is unread still.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from rapport.accounts.models import Agent
from rapport.conversations.access import may_see
from rapport.conversations.events import (
    ConversationAssigned,
    ConversationReopened,
    ConversationSolved,
    ConversationWoken,
    MessageReceived,
    MessageSent,
    NoteWritten,
)
from rapport.conversations.models import (
    Conversation,
    Follow,
    MessageKind,
    Notification,
    NotificationChoice,
    NotificationKind,
    Snooze,
    Way,
)
from rapport.conversations.ringing import AgentNotified
from rapport.kernel import clock, journal
from rapport.kernel.journal.models import Entry
from rapport.kernel.journal.positions import START, Position

FOLLOWER = "conversations.notifications"
#: What was long ago when it is read (an upgrade, a restored backup) tells nobody any more.
FRESH = timedelta(days=2)
_WRITE = """
INSERT INTO conversations_notification AS old
    (agent_id, conversation_id, kind, message_id, era, xid, entry, by_kind, by_id, by_name, at, times,
     on_desk, in_browser, by_mail)
VALUES (%(agent)s, %(conversation)s, %(kind)s, %(message)s, %(era)s, %(xid)s, %(entry)s,
        %(by_kind)s, %(by_id)s, %(by_name)s, %(at)s, %(times)s, %(desk)s, %(browser)s, %(mail)s)
ON CONFLICT (agent_id, conversation_id, kind) WHERE read_at IS NULL DO UPDATE
SET message_id = excluded.message_id, era = excluded.era, xid = excluded.xid, entry = excluded.entry,
    by_kind = excluded.by_kind, by_id = excluded.by_id, by_name = excluded.by_name, at = excluded.at,
    times = old.times + excluded.times, on_desk = excluded.on_desk, in_browser = excluded.in_browser,
    by_mail = excluded.by_mail, mailed_at = NULL
"""


#: An agent, a conversation, and why.
Key = tuple[int, int, str]


class Call(NamedTuple):
    """Somebody who should hear of an entry, and why."""

    agent: int
    why: str
    entry: Entry


class _Known(NamedTuple):
    """What is known of the conversations that the entries are about."""

    conversations: Mapping[int, Conversation]
    watchers: Mapping[int, Collection[int]]
    sleepers: Mapping[int, Collection[int]]


@journal.follow(
    FOLLOWER,
    NoteWritten,
    MessageReceived,
    MessageSent,
    ConversationAssigned,
    ConversationWoken,
    ConversationSolved,
    ConversationReopened,
    rest=0.5,
)
def notify_of_news(entries: Sequence[Entry]) -> None:
    """Those whom the news concerns; each hears of an entry once, for the most telling reason."""
    known = _known(entries)
    calls: list[Call] = []
    for entry in entries:
        if entry.subject_id in known.conversations:
            heard = dict(reversed([*_concerned(entry, known)]))
            calls += [Call(agent, why, entry) for agent, why in heard.items()]
    notify(calls, conversations=known.conversations)


def notify(calls: Iterable[Call], *, conversations: Mapping[int, Conversation]) -> None:
    """Write them down for those who may see the conversation, want to hear, and did not do it themselves."""
    since = clock.now() - FRESH
    wanted = [
        call
        for call in calls
        if (call.entry.by_kind, call.entry.by_id) != ("agent", call.agent)
        and call.entry.recorded_at > since
    ]
    if not wanted:
        return
    agents = {
        agent.pk: agent
        for agent in Agent.objects.filter(pk__in={call.agent for call in wanted})
        .select_related("notification_choice")
        .prefetch_related("memberships")
    }
    heaps: dict[Key, list[Entry]] = {}
    told_to = _told_to(agents, {call.entry.subject_id for call in wanted})
    for call in wanted:
        agent, conversation = agents.get(call.agent), conversations[call.entry.subject_id]
        key = (call.agent, conversation.pk, str(call.why))
        is_new = call.entry.position > told_to.get(key, START)
        if agent and is_new and may_see(agent, conversation):
            heaps.setdefault(key, []).append(call.entry)
    told = [key for key, heap in heaps.items() if _write(agents[key[0]], key, heap)]
    journal.record_all(
        [
            AgentNotified(by=heaps[key][-1].by, agent=key[0], conversation=key[1], why=key[2])
            for key in told
        ]
    )


def _told_to(agents: Collection[int], conversations: Collection[int]) -> dict[Key, Position]:
    """Up to where in the journal each has been told of each, so that a second reading tells nobody again."""
    told = Notification.objects.filter(agent__in=agents, conversation__in=conversations)
    reached: dict[Key, Position] = {}
    for row in told.only("agent_id", "conversation_id", "kind", "era", "xid", "entry"):
        key, position = (
            (row.agent_id, row.conversation_id, row.kind),
            Position(row.era, row.xid, row.entry),
        )
        reached[key] = max(position, reached.get(key, START))
    return reached


def choice_of(agent: Agent) -> NotificationChoice:
    """What the agent has chosen, or what is usual."""
    found = getattr(agent, "notification_choice", None)
    return found or NotificationChoice(agent=agent)


def _write(agent: Agent, key: Key, heap: Sequence[Entry]) -> bool:
    ways, newest = choice_of(agent).ways_of(key[2]), heap[-1]
    if not ways:
        return False
    row: dict[str, Any] = dict(zip(("agent", "conversation", "kind"), key, strict=True))
    row |= {"era": newest.era, "xid": newest.xid, "entry": newest.id, "times": len(heap)}
    row |= {"by_kind": newest.by_kind, "by_id": newest.by_id, "by_name": newest.by_name}
    row |= {"at": newest.recorded_at, "message": newest.details.get("message")}
    row |= {way.value: way.value in ways for way in Way}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, row)
    return True


def _known(entries: Sequence[Entry]) -> _Known:
    ids = {entry.subject_id for entry in entries}
    woken = {e.subject_id for e in entries if e.kind == ConversationWoken.kind}
    watchers: dict[int, set[int]] = {}
    for number, agent in Follow.objects.filter(conversation__in=ids).values_list(
        "conversation_id", "agent_id"
    ):
        watchers.setdefault(number, set()).add(agent)
    sleepers: dict[int, set[int]] = {}
    slept = Snooze.objects.filter(~Q(ended_at=None), conversation__in=woken, by_kind="agent")
    for number, by in slept.order_by("pk").values_list("conversation_id", "by_id") if woken else ():
        sleepers[number] = {by}
    # most of what arrives is nobody's yet: it concerns nobody, and is not even looked at
    told = {e.subject_id for e in entries if e.kind != MessageReceived.kind} | set(watchers)
    somebodys = Conversation.objects.filter(~Q(assignee=None) | Q(pk__in=told))
    found = somebodys.only("pk", "team_id", "assignee_id").in_bulk(ids)
    return _Known(found, watchers, sleepers)


def _concerned(entry: Entry, known: _Known) -> Iterator[tuple[int, str]]:
    """Agents and why, the most telling reason of each first."""
    number = entry.subject_id
    owner = known.conversations[number].assignee_id
    special = _SPECIAL.get(entry.kind)
    for agent, why in (
        special(entry.details, owner, known.sleepers.get(number, ())) if special else ()
    ):
        if agent:
            yield agent, why
    is_news = entry.details.get("message_kind", MessageKind.HUMAN) == MessageKind.HUMAN
    if is_news and entry.kind not in (ConversationAssigned.kind, ConversationWoken.kind):
        for agent in known.watchers.get(number, ()):
            yield agent, NotificationKind.WATCHED


Reasons = Iterator[tuple[int | None, str]]


def _called(details: Mapping[str, Any], owner: int | None, _: Collection[int]) -> Reasons:
    for agent in details.get("mentioned", ()):
        yield agent, NotificationKind.MENTION


def _answered(details: Mapping[str, Any], owner: int | None, _: Collection[int]) -> Reasons:
    if details.get("message_kind", MessageKind.HUMAN) == MessageKind.HUMAN:
        yield owner, NotificationKind.ANSWERED


def _given(details: Mapping[str, Any], owner: int | None, _: Collection[int]) -> Reasons:
    if details["agent"] != details.get("before_agent"):
        yield details["agent"], NotificationKind.GIVEN


def _woken(details: Mapping[str, Any], owner: int | None, sleepers: Collection[int]) -> Reasons:
    if details["reason"] == "time":
        for agent in {owner, *sleepers}:
            yield agent, NotificationKind.WOKEN


_SPECIAL: dict[str, Callable[[Mapping[str, Any], int | None, Collection[int]], Reasons]] = {
    NoteWritten.kind: _called,
    MessageReceived.kind: _answered,
    ConversationAssigned.kind: _given,
    ConversationWoken.kind: _woken,
}
