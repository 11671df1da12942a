"""Judging: a person says who wrote a message, where its headers made us think otherwise."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.conversations.events import MessageJudged
from rapport.conversations.locking import Refusal, locked
from rapport.conversations.models import (
    Conversation,
    Direction,
    Judgement,
    Message,
    MessageKind,
    State,
)
from rapport.conversations.reckoning import reckon
from rapport.conversations.resting import restore_rest, stir
from rapport.kernel import journal
from rapport.kernel.actors import Actor

#: What a person may say of a message; what it reports and whether it is ours is not for anybody to say.
SAYABLE = (MessageKind.HUMAN, MessageKind.AUTO_REPLY, MessageKind.BULK)


class NotJudged(Refusal):
    """Ours, a note, or gone elsewhere meanwhile."""

    message = _("Only what a customer sent can be judged, where it stands now.")


def judge_message(message: Message, *, kind: str, by: Actor) -> Judgement | None:
    """Say that a person (`human`) or a machine wrote it; returns the judgement, None where it was so already.

    What a person wrote lets the customer wait, and opens or wakes the conversation if it came after it was put
    to rest; what a machine wrote lets nobody wait. Saying the same twice is one judgement. Raises NotJudged.
    """
    with locked(message.conversation, by=by) as fresh:
        row = _judged_row(fresh, message)
        if kind not in SAYABLE:
            raise NotJudged
        standing: Judgement | None = row.judgements.standing().first()
        if row.kind == kind:
            return standing
        before = row.kind
        row.judgements.standing().update(**Judgement.ended_now(by))
        rest = stir(fresh, by=by, reason="agent") if _stirs(fresh, row, kind) else None
        made: Judgement = Judgement.objects.create(
            message=row, kind=kind, before=before, rest=rest, **Judgement.done_by(by)
        )
        row.why = {**row.why, "judged": by.name}
        _settle(fresh, row, kind, by=by)
    message.refresh_from_db()
    return made


def take_judgement_back(message: Message, *, by: Actor) -> bool:
    """It is again what was decided before; what the judgement woke lies down again. False where none stands."""
    with locked(message.conversation, by=by) as fresh:
        row = _judged_row(fresh, message)
        standing: Judgement | None = row.judgements.standing().first()
        if standing is None:
            return False
        row.judgements.standing().update(**Judgement.ended_now(by))
        row.why = {name: why for name, why in row.why.items() if name != "judged"}
        _settle(fresh, row, standing.before, by=by)
        restore_rest(fresh, standing.rest, by=by)
        reckon(fresh)
    message.refresh_from_db()
    return True


def _judged_row(fresh: Conversation, message: Message) -> Message:
    row: Message | None = fresh.messages.filter(pk=message.pk, direction=Direction.IN).first()
    if row is None:
        raise NotJudged
    return row


def _stirs(fresh: Conversation, row: Message, kind: str) -> bool:
    """Whether the customer's words came after the matter was put to rest."""
    if kind != MessageKind.HUMAN:
        return False
    solution = fresh.solutions.standing().first()
    if fresh.state == State.SOLVED and solution:
        return row.pk > (solution.last_message_id or 0)
    snooze = fresh.snoozes.standing().first()
    return fresh.state == State.SNOOZED and snooze is not None and row.recorded_at > snooze.at


def _settle(fresh: Conversation, row: Message, kind: str, *, by: Actor) -> None:
    before, row.kind = row.kind, kind
    row.save(update_fields=["kind", "why"])
    reckon(fresh)
    journal.record(
        MessageJudged(
            by=by,
            conversation=fresh.pk,
            team=fresh.team_id or 0,
            message=row.pk,
            judged=kind,
            before=before,
        )
    )
