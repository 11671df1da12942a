"""Arriving: what customers of the demo wrote, as the raw mails and payloads that their programs sent."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.channels.contract import lane_of
from rapport.channels.email.arriving import arrival_of
from rapport.channels.email.recognising import thread_secret
from rapport.channels.models import Channel, Envelope
from rapport.channels.webhook.configuring import thread_key
from rapport.cli.demonstrating.casting import ADDRESS, COMPANY, Persona
from rapport.cli.demonstrating.drawing import File, draw_file
from rapport.cli.demonstrating.founding import Company
from rapport.cli.demonstrating.mailing import (
    Letter,
    quote,
    write_invite,
    write_letter,
    write_report,
)
from rapport.cli.demonstrating.planning import Beat, Plot
from rapport.conversations.models import Conversation, Message
from rapport.kernel.mail.tagging_threads import reply_token, tag_address

#: Arrivals that lie no farther apart share a batch; each is recorded when the last of them came.
TOGETHER = timedelta(hours=3)
#: Kinds of steps in which something reaches us.
ARRIVING = frozenset({"customer", "third", "again", "auto", "bounce"})
ON_THE_WAY = timedelta(seconds=3)
HEADERS = {
    "auto": {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    "bulk": {"List-Id": "<dispatch.news.example>", "Precedence": "bulk"},
}


@dataclass(slots=True)
class Known:
    """What a customer's program and the agents know of a plot's thread."""

    conversation: Conversation
    again: Conversation | None = None
    chain: list[str] = field(default_factory=list)
    ours: Message | None = None

    def remember_ours(self, message: Message) -> None:
        """An answer has reached the customer."""
        self.ours = message
        if message.external_id:
            self.chain.append(message.external_id)


@dataclass(slots=True)
class Arrivals:
    """Envelopes that wait to be stored, with what they tell."""

    company: Company
    waiting: list[tuple[Beat, Envelope]] = field(default_factory=list)
    early: set[int] = field(default_factory=set)
    landed: list[tuple[Beat, Envelope]] = field(default_factory=list)

    def add(self, beat: Beat, known: Known | None) -> None:
        """Write what the customer sends, and let it wait; twice is once."""
        if id(beat) in self.early:
            return
        plot = beat.plot
        if plot.story.channel == "shop":
            envelope = self._envelope(beat, self.company.shop, _payload(self.company, beat, known))
        else:
            envelope = self._envelope(beat, self.company.mail, _mail(beat, known))
        self.waiting.append((beat, envelope))

    def must_land_before(self, beat: Beat) -> bool:
        """Whether this needs to know what became of something that waits."""
        if not self.waiting:
            return False
        is_old = beat.at - self.waiting[0][0].at > TOGETHER
        return is_old or any(waits.plot is beat.plot for waits, _ in self.waiting)

    def look_ahead(self, beats: list[Beat], known: dict[int, Known]) -> None:
        """Let what is to come soon, and depends on nothing before it, land with what waits.

        Each batch costs as much as a few mails, and agents answer more often than mails come.
        """
        first = self.waiting[0][0]
        begun = {beat.plot.number for beat, _ in self.waiting}
        for beat in beats:
            if beat.at - first.at > TOGETHER:
                break
            if beat.step.kind in ARRIVING and beat.plot.number not in begun:
                self.add(beat, known.get(beat.plot.number))
                self.early.add(id(beat))
            begun.add(beat.plot.number)

    def store(self) -> Iterator[datetime]:
        """Make envelopes of what waits; yields the moment at which a worker takes them in."""
        if self.waiting:
            Envelope.objects.bulk_create([envelope for _, envelope in self.waiting])
            self.landed, self.waiting = self.waiting, []
            yield self.landed[-1][1].received_at

    def note_down(self, known: dict[int, Known]) -> None:
        """Learn in which conversations they stand."""
        numbers = [envelope.pk for _, envelope in self.landed]
        found = Message.objects.select_related("conversation").filter(envelope_id__in=numbers)
        messages = {message.envelope_id: message for message in found}
        for beat, envelope in self.landed:
            message = messages[envelope.pk]
            entry = known.setdefault(beat.plot.number, Known(message.conversation))
            if beat.step.kind == "again":
                entry.again = message.conversation
            elif message.external_id and beat.step.kind not in ("auto", "bounce"):
                entry.chain.append(message.external_id)
        self.landed = []

    @staticmethod
    def _envelope(beat: Beat, channel: Channel, raw: bytes) -> Envelope:
        if channel.kind == "email":
            arrival = arrival_of(channel.pk, raw)
            event, lane, headers = arrival.event_id, arrival.lane, {}
        else:
            number = f"msg_{_message_id(beat)}"
            event, lane = f"hook:{number}", lane_of(channel.pk, beat.plot.persona.email)
            headers = {"webhook-id": number}
        received = beat.at + ON_THE_WAY
        return Envelope(
            channel=channel,
            event_id=event,
            door="hook",
            raw=raw,
            lane=lane,
            headers=headers,
            received_at=received,
            attempts=0,
            error="",
            request_id="",
        )


def _message_id(beat: Beat) -> str:
    return f"{beat.plot.key}-{beat.plot.beats.index(beat)}"


def _mail(beat: Beat, known: Known | None) -> bytes:
    plot, kind = beat.plot, beat.step.kind
    if kind == "bounce" and known:
        return write_report(
            about=known.chain[-1],
            recipient=plot.persona.email,
            to=ADDRESS,
            message_id=f"{_message_id(beat)}@{plot.persona.email.rpartition('@')[2]}",
            date=beat.at,
        )
    writer = plot.third if kind == "third" else plot.persona
    is_answer = known is not None and kind != "again"
    return write_letter(
        Letter(
            sender=(writer.name, writer.email),
            to=_recipients(known if is_answer else None),
            subject=f"Re: {plot.subject}" if is_answer else plot.subject,
            text=_text(beat, known),
            message_id=f"{_message_id(beat)}@{writer.email.rpartition('@')[2]}",
            date=beat.at,
            cc=_copied(plot, writer) if "cc" in beat.step.has or kind == "third" else (),
            in_reply_to=known.chain[-1] if known and is_answer and known.chain else "",
            references=known.chain if known and is_answer else (),
            files=_files(beat),
            headers=HEADERS.get("bulk" if "bulk" in plot.story.has else kind, {}),
            has_picture="html" in beat.step.has,
            invite=_invite(beat) if "invite" in beat.step.has else "",
        )
    )


def _recipients(known: Known | None) -> list[tuple[str, str]]:
    """Whoever answers us writes to the address of the thread."""
    if known is None or known.ours is None:
        return [("", ADDRESS)]
    token = reply_token(thread_secret(), known.conversation.pk)
    return [(COMPANY, tag_address(ADDRESS, token))]


def _copied(plot: Plot, writer: Persona) -> list[tuple[str, str]]:
    other = plot.persona if writer is plot.third else plot.third
    return [(other.name, other.email)]


def _text(beat: Beat, known: Known | None) -> str:
    if "quoted" not in beat.step.has or known is None or known.ours is None:
        return beat.words
    ours = known.ours
    before = quote(
        ours.text,
        writer=(ours.author_name, ADDRESS),
        date=ours.sent_at,
        language=beat.plot.story.language,
    )
    return f"{beat.words}\n\n{before}"


def _files(beat: Beat) -> list[File]:
    kind = beat.step.has.get("file")
    if not kind:
        return []
    dice = random.Random(beat.plot.key)  # noqa: S311 - a picture, no secret
    return [draw_file(kind, number=beat.plot.slots["invoice"], dice=dice)]


def _invite(beat: Beat) -> str:
    at = (beat.at + timedelta(days=9)).replace(hour=9, minute=0, second=0, microsecond=0)
    return write_invite(
        subject=beat.plot.subject,
        organizer=beat.plot.persona.email,
        attendee=ADDRESS,
        at=at,
        uid=f"{beat.plot.key}@{beat.plot.persona.email.rpartition('@')[2]}",
    )


def _payload(company: Company, beat: Beat, known: Known | None) -> bytes:
    plot = beat.plot
    payload = {
        "contact": {"email": plot.persona.email, "name": plot.persona.name},
        "external_id": _message_id(beat),
        "subject": plot.subject,
        "text": beat.words,
        "sent_at": beat.at.isoformat(),
        "metadata": {"page": f"/boots/{plot.slots['boots'].split()[-2].lower()}"},
    }
    if known is not None:
        key = thread_key(str(company.shop.public_id))
        payload["conversation_ref"] = reply_token(key, known.conversation.pk)
    return json.dumps(payload, ensure_ascii=False).encode()
