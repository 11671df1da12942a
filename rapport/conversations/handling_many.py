"""Handling many: one thing is done to many conversations by the abilities there are, each in its own commit.

A bulk remembers of each conversation what it changed, so that `undoing_many` takes back that and nothing else.
A few are done while one waits; the rest is a job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import NotAllowed, check_may_start, visible_to
from rapport.conversations.assigning import assign_to_agent, assign_to_team
from rapport.conversations.events import BulkBegun
from rapport.conversations.locking import Refusal
from rapport.conversations.marking_read import mark_read, mark_unread
from rapport.conversations.marking_spam import mark_spam
from rapport.conversations.models import (
    Bulk,
    BulkStep,
    Conversation,
    Deed,
    Priority,
    ReadMark,
    StepState,
)
from rapport.conversations.prioritising import prioritise_conversation
from rapport.conversations.snoozing import NotInFuture, snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation, tidy_name, untag_conversation
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

#: So many conversations at most are one bulk, and so many of them are done at once.
MOST, AT_ONCE = 1000, 50
CARRY_ON = "conversations.carry_on_bulk"
Look = dict[str, Any]


class NothingChosen(Refusal):
    """None of them is one that the actor may see."""

    message = _("Choose one conversation or more first.")


class NotDoable(Refusal):
    """There is no such thing to do, or nobody to give it to."""

    message = _("Say what to do with them, and to whom or by which word.")


class BulkTaken(Refusal):
    """Under this key something else was done."""

    message = _("This was done already, in another way. Look at the list and choose again.")


def begin_bulk(
    numbers: Sequence[int], *, by: Actor, deed: str, value: str = "", client_key: str
) -> Bulk:
    """Write down what shall be done to those of these conversations that `by` may see; the key again is the same.

    Raises NotDoable, NothingChosen, BulkTaken, NotAllowed, and what the abilities say of a bad value.
    """
    agent = _worker(by, deed)
    value = _checked(deed, value)
    with transaction.atomic():
        bulk, made = Bulk.objects.get_or_create(
            by_id=agent.pk,
            client_key=client_key,
            defaults={**Bulk.done_by(by), "deed": deed, "value": value},
        )
        if not made and (bulk.deed, bulk.value) != (deed, value):
            raise BulkTaken
        if made:
            _write_steps(bulk, agent, numbers)
    return bulk


def carry_on(bulk: Bulk, *, most: int = AT_ONCE) -> bool:
    """Take the next steps, each in its own commit; False when none is left. Many may call it at once."""
    waiting = bulk.steps.filter(state=StepState.WAITING).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)[:most]):
        _take_step(pk, bulk)
    return waiting.exists()


def look_at(conversation: Conversation, *, by: Actor, deed: str, value: str) -> Look:
    """What of a locked conversation this deed may change; equal looks say that nobody changed it meanwhile."""
    if deed in (Deed.AGENT, Deed.TEAM):
        standing = conversation.assignments.standing().first()
        held = standing.pk if standing else None
        return {"agent": conversation.assignee_id, "team": conversation.team_id, "held": held}
    if deed in (Deed.TAG, Deed.UNTAG):
        tagging = conversation.taggings.filter(tag__name__iexact=value).first()
        return {"tagging": tagging.pk if tagging else None}
    if deed == Deed.PRIORITY:
        return {"priority": conversation.priority}
    if deed in (Deed.READ, Deed.UNREAD):
        mark = ReadMark.objects.filter(conversation=conversation, agent_id=by.id or 0).first()
        return {"mark": mark.message_id if mark else None}
    return _rest_of(conversation)


def _rest_of(conversation: Conversation) -> Look:
    solution = conversation.solutions.standing().first()
    spam = conversation.spam_marks.standing().first()
    snooze = conversation.snoozes.standing().first()
    return {
        "state": conversation.state,
        "solution": solution.pk if solution else None,
        "spam": spam.pk if spam else None,
        "snooze": snooze.pk if snooze else None,
        "until": snooze.until.isoformat() if snooze else None,
    }


def _worker(by: Actor, deed: str) -> Agent:
    if by.kind != "agent":
        raise NotAllowed(NotAllowed.__doc__)
    if deed not in (Deed.READ, Deed.UNREAD):
        check_may_start(by)
    return Agent.objects.get(pk=by.id or 0)


def _write_steps(bulk: Bulk, agent: Agent, numbers: Sequence[int]) -> None:
    seen = visible_to(agent).filter(pk__in=list(numbers)[:MOST]).order_by("pk")
    steps = [BulkStep(bulk=bulk, conversation_id=pk) for pk in seen.values_list("pk", flat=True)]
    if not steps:
        raise NothingChosen
    BulkStep.objects.bulk_create(steps)
    journal.record(
        BulkBegun(by=bulk.by, bulk=bulk.pk, agent=agent.pk, deed=bulk.deed, size=len(steps))
    )
    if len(steps) > AT_ONCE:
        defer_bulk(bulk)


def defer_bulk(bulk: Bulk) -> None:
    """Have a worker do what is left of it, or take it back, when this transaction is committed."""
    app.configure_task(CARRY_ON, queue="tending").defer(bulk_id=bulk.pk)


def _take_step(pk: int, bulk: Bulk) -> None:
    with transaction.atomic():
        steps = BulkStep.objects.select_for_update(skip_locked=True, of=("self",))
        step = steps.filter(pk=pk, state=StepState.WAITING, bulk__undone_at=None).first()
        if step is None:
            return
        fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=step.conversation_id)
        step.before = look_at(fresh, by=bulk.by, deed=bulk.deed, value=bulk.value)
        try:
            with transaction.atomic():
                _DO[bulk.deed](fresh, bulk.value, bulk.by)
        except (Refusal, NotAllowed) as refusal:
            step.state, step.why = StepState.REFUSED, str(refusal)
        else:
            step.after = look_at(fresh, by=bulk.by, deed=bulk.deed, value=bulk.value)
            step.state = StepState.SAME if step.after == step.before else StepState.DONE
        step.save()


def _read(conversation: Conversation, _value: str, by: Actor) -> object:
    return mark_read(conversation, by=by, up_to=conversation.last_message_id or 0)


_DO: dict[str, Callable[[Conversation, str, Actor], object]] = {
    Deed.AGENT: lambda c, v, by: assign_to_agent(c, Agent.objects.get(pk=int(v)), by=by),
    Deed.TEAM: lambda c, v, by: assign_to_team(c, Team.objects.get(pk=int(v)), by=by),
    Deed.TAG: lambda c, v, by: tag_conversation(c, tag=v, by=by),
    Deed.UNTAG: lambda c, v, by: untag_conversation(c, tag=v, by=by),
    Deed.PRIORITY: lambda c, v, by: prioritise_conversation(c, priority=int(v), by=by),
    Deed.SNOOZE: lambda c, v, by: snooze_conversation(c, until=_moment(v), by=by),
    Deed.SOLVE: lambda c, _v, by: solve_conversation(c, by=by),
    Deed.SPAM: lambda c, _v, by: mark_spam(c, by=by),
    Deed.READ: _read,
    Deed.UNREAD: lambda c, _v, by: mark_unread(c, by=by),
}


def _moment(value: str) -> Any:
    return parse_datetime(value)


def _checked(deed: str, value: str) -> str:
    """The value as it is kept. Raises NotDoable, BadTag, NotInFuture."""
    if deed not in Deed.values:
        raise NotDoable
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
    if deed in (Deed.TAG, Deed.UNTAG):
        return tidy_name(value)
    if deed == Deed.SNOOZE:
        return _future(value)
    table: dict[str, bool] = {
        Deed.AGENT: deed == Deed.AGENT and Agent.objects.filter(pk=number).exists(),
        Deed.TEAM: deed == Deed.TEAM and Team.objects.filter(pk=number).exists(),
        Deed.PRIORITY: number in Priority.values,
    }
    if not table.get(deed, True):
        raise NotDoable
    return str(number) if deed in table else ""


def _future(value: str) -> str:
    try:
        until = parse_datetime(value)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise NotDoable
    if until <= clock.now():
        raise NotInFuture
    return until.isoformat()
