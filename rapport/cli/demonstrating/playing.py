"""Playing: history takes place once more, by the abilities of everyday, with the clock set back.

Mails and messages of the shop become envelopes and are taken in as a worker does it; what agents do is done by
them. Only the last step of a reply is left out: nobody is called, its delivery is settled as accepted.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.accounts.models import Agent
from rapport.channels.email.writing import keep_message_id
from rapport.channels.models import Delivery
from rapport.channels.receiving import receive_batch
from rapport.channels.settling import POSTMAN, accept_delivery
from rapport.cli.demonstrating.arriving import ARRIVING, Arrivals, Known
from rapport.cli.demonstrating.drawing import draw_file
from rapport.cli.demonstrating.founding import Company
from rapport.cli.demonstrating.planning import Beat, Plot
from rapport.conversations.assigning import assign_to_team, claim_conversation
from rapport.conversations.marking_spam import mark_spam
from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Conversation, Message, Priority
from rapport.conversations.noting import write_note
from rapport.conversations.prioritising import prioritise_conversation
from rapport.conversations.replying import reply
from rapport.conversations.snoozing import snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.tagging import tag_conversation
from rapport.conversations.uploading import keep_upload
from rapport.kernel import clock

#: How long a mail server took to say yes.
HANDED_OVER_AFTER = timedelta(seconds=8)


@dataclass(slots=True)
class Stage:
    """The world that history takes place in."""

    company: Company
    now: datetime
    arrivals: Arrivals
    known: dict[int, Known] = field(default_factory=dict)
    taken_up: set[int] = field(default_factory=set)

    def agent_of(self, plot: Plot) -> Agent:
        return self.company.agents[plot.colleague.key]


def play(
    beats: list[Beat], company: Company, *, now: datetime, on_beat: Callable[[int], None]
) -> None:
    """Let it all happen in its order; needs a transaction."""
    stage = Stage(company, now, Arrivals(company))
    for number, beat in enumerate(beats):
        if stage.arrivals.must_land_before(beat):
            stage.arrivals.look_ahead(beats[number:], stage.known)
            _land(stage)
        if beat.step.kind in ARRIVING:
            stage.arrivals.add(beat, stage.known.get(beat.plot.number))
        else:
            with clock.frozen_at(beat.at):
                _ACTS[beat.step.kind](stage, beat, stage.known[beat.plot.number].conversation)
        on_beat(number)
    _land(stage)


def _land(stage: Stage) -> None:
    """Take in what has arrived."""
    for moment in stage.arrivals.store():
        with clock.frozen_at(moment):
            receive_batch()
    stage.arrivals.note_down(stage.known)


def _take_up(stage: Stage, plot: Plot, conversation: Conversation) -> None:
    """The first act of an agent: a lead sorts it, the agent takes it and says what it is about."""
    if plot.number in stage.taken_up:
        return
    stage.taken_up.add(plot.number)
    agent = stage.agent_of(plot)
    team = stage.company.teams[plot.story.has.get("team", "Support")]
    before = clock.now() - timedelta(seconds=95)
    with clock.frozen_at(before):
        if conversation.team_id != team.pk:
            assign_to_team(conversation, team, by=stage.company.agents["kasia"].actor)
        claim_conversation(conversation, by=agent.actor)
    with clock.frozen_at(before + timedelta(seconds=20)):
        for tag in plot.story.tags:
            tag_conversation(conversation, tag=tag, by=agent.actor)
        if plot.story.has.get("priority") == "high":
            prioritise_conversation(conversation, priority=Priority.HIGH, by=agent.actor)


def _reply(stage: Stage, beat: Beat, conversation: Conversation) -> None:
    plot, by = beat.plot, stage.agent_of(beat.plot).actor
    _take_up(stage, plot, conversation)
    uploads = []
    if kind := beat.step.has.get("file"):
        dice = random.Random(plot.number)  # noqa: S311 - a picture, no secret
        file = draw_file(kind, number=plot.slots["invoice"], dice=dice)
        uploads = [keep_upload(file.data, name=file.name, content_type=file.content_type, by=by).pk]
    message = reply(conversation, by=by, text=beat.words, attachments=uploads)
    with clock.frozen_at(beat.at + HANDED_OVER_AFTER):
        _hand_over(stage, plot, message)


def _hand_over(stage: Stage, plot: Plot, message: Message) -> None:
    external = ""
    if plot.story.channel == "mail":
        external = keep_message_id(message, channel=stage.company.mail)
    found = Delivery.objects.select_related("message__conversation").select_for_update(of=("self",))
    accept_delivery(found.get(message=message), by=POSTMAN, external_id=external)
    stage.known[plot.number].remember_ours(message)


def _note(stage: Stage, beat: Beat, conversation: Conversation) -> None:
    _take_up(stage, beat.plot, conversation)
    write_note(conversation, by=stage.agent_of(beat.plot).actor, text=beat.words)


def _solve(stage: Stage, beat: Beat, conversation: Conversation) -> None:
    solve_conversation(conversation, by=stage.agent_of(beat.plot).actor)


def _snooze(stage: Stage, beat: Beat, conversation: Conversation) -> None:
    until = stage.now.replace(minute=0, second=0, microsecond=0)
    until += timedelta(days=1 + beat.plot.number % 4, hours=2)
    snooze_conversation(conversation, until=until, by=stage.agent_of(beat.plot).actor)


def _spam(stage: Stage, beat: Beat, conversation: Conversation) -> None:
    mark_spam(conversation, by=stage.agent_of(beat.plot).actor)


def _merge(stage: Stage, beat: Beat, conversation: Conversation) -> None:
    """The second mail about the same matter goes where the first one is."""
    known = stage.known[beat.plot.number]
    if known.again is not None:
        _take_up(stage, beat.plot, conversation)
        lead = stage.company.agents["kasia"].actor
        merge_conversations(known.again, into=conversation, by=lead)


_ACTS: dict[str, Callable[[Stage, Beat, Conversation], None]] = {
    "agent": _reply,
    "note": _note,
    "solve": _solve,
    "snooze": _snooze,
    "spam": _spam,
    "merge": _merge,
}
