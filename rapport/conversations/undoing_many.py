"""Undoing many: a bulk is taken back where nobody has changed since what it changed, and nowhere else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import NotAllowed
from rapport.conversations.assigning import (
    assign_to_agent,
    assign_to_team,
    unassign_agent,
    unassign_team,
)
from rapport.conversations.events import BulkUndone
from rapport.conversations.handling_many import AT_ONCE, Look, carry_on, defer_bulk, look_at
from rapport.conversations.locking import Refusal
from rapport.conversations.marking_read import put_mark_back
from rapport.conversations.marking_spam import unmark_spam
from rapport.conversations.models import Bulk, BulkStep, Conversation, Deed, State, StepState
from rapport.conversations.prioritising import prioritise_conversation
from rapport.conversations.reopening import reopen_conversation
from rapport.conversations.snoozing import snooze_conversation, wake_conversation
from rapport.conversations.tagging import tag_conversation, untag_conversation
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor


class ChangedSince(Refusal):
    """To take it back would take back what somebody else did."""

    message = _("Somebody has changed it since.")


def undo_bulk(bulk: Bulk, *, by: Actor) -> bool:
    """Take it back, at once or by a job where it was large; False where it was. Raises NotAllowed.

    Steps that were not taken yet are not taken any more. What could not be undone says why in its step.
    """
    with transaction.atomic():
        fresh = Bulk.objects.select_for_update().get(pk=bulk.pk)
        if by.kind != "agent" or by.id != fresh.by_id:
            raise NotAllowed(NotAllowed.__doc__)
        if fresh.undone_at:
            return False
        fresh.undone_at = bulk.undone_at = clock.now()
        fresh.save(update_fields=["undone_at"])
        fresh.steps.filter(state=StepState.WAITING).update(state=StepState.SAME)
        journal.record(BulkUndone(by=by, bulk=fresh.pk, agent=by.id or 0))
        if fresh.steps.filter(state=StepState.DONE).count() > AT_ONCE:
            defer_bulk(fresh)
    take_back(fresh)
    return True


def take_back(bulk: Bulk, *, most: int = AT_ONCE) -> bool:
    """Take the next steps back, each in its own commit; False when none is left."""
    done = bulk.steps.filter(state=StepState.DONE).order_by("pk")
    for pk in list(done.values_list("pk", flat=True)[:most]):
        _take_step_back(pk, bulk)
    return done.exists()


def finish_bulk(bulk_id: int) -> None:
    """All that is left of a bulk, forth or back; for the job."""
    bulk = Bulk.objects.filter(pk=bulk_id).first()
    while bulk is not None:
        bulk.refresh_from_db()
        if not (take_back(bulk) if bulk.undone_at else carry_on(bulk)):
            return


def _take_step_back(pk: int, bulk: Bulk) -> None:
    with transaction.atomic():
        steps = BulkStep.objects.select_for_update(skip_locked=True, of=("self",))
        step = steps.filter(pk=pk, state=StepState.DONE).first()
        if step is None:
            return
        fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=step.conversation_id)
        now = look_at(fresh, by=bulk.by, deed=bulk.deed, value=bulk.value)
        try:
            if now != step.after:
                raise ChangedSince
            with transaction.atomic():
                _put_back(fresh, step.before, bulk)
            step.state = StepState.UNDONE
        except (Refusal, NotAllowed) as refusal:
            step.state, step.why = StepState.KEPT, str(refusal)
        step.save()


def _put_back(fresh: Conversation, before: Look, bulk: Bulk) -> None:
    by, deed = bulk.by, bulk.deed
    if deed in (Deed.AGENT, Deed.TEAM):
        _give_back(fresh, before, by)
    elif deed == Deed.TAG:
        untag_conversation(fresh, tag=bulk.value, by=by)
    elif deed == Deed.UNTAG:
        tag_conversation(fresh, tag=bulk.value, by=by)
    elif deed == Deed.PRIORITY:
        prioritise_conversation(fresh, priority=before["priority"], by=by)
    elif deed in (Deed.READ, Deed.UNREAD):
        put_mark_back(fresh, by=by, to=before["mark"])
    elif deed == Deed.SPAM:
        unmark_spam(fresh, by=by)
    else:
        _wake_as_before(fresh, before, deed, by)


def _give_back(fresh: Conversation, before: Look, by: Actor) -> None:
    if before["team"] != fresh.team_id:
        team = Team.objects.filter(pk=before["team"] or 0).first()
        assign_to_team(fresh, team, by=by) if team else unassign_team(fresh, by=by)
    if before["agent"] != fresh.assignee_id:
        agent = Agent.objects.filter(pk=before["agent"] or 0).first()
        assign_to_agent(fresh, agent, by=by) if agent else unassign_agent(fresh, by=by)


def _wake_as_before(fresh: Conversation, before: Look, deed: str, by: Actor) -> None:
    """Open again, and asleep again where it slept and its time has not come."""
    if deed == Deed.SOLVE:
        reopen_conversation(fresh, by=by, reason="undo")
    until = datetime.fromisoformat(before["until"]) if before["until"] else None
    if before["state"] == State.SNOOZED and until and until > clock.now():
        snooze_conversation(fresh, until=until, by=by)
    elif deed == Deed.SNOOZE:
        wake_conversation(fresh, by=by)
