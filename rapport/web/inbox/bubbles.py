"""Bubbles: a message as the thread shows it, drawn with stencils: a thread holds fifty of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.channels.models import Delivery
from rapport.conversations.models import Attachment, Direction, Message, MessageKind
from rapport.web.inbox.bodies import Body, body_of, markdown
from rapport.web.inbox.files import address_of, draw_files
from rapport.web.inbox.invites import draw_invite
from rapport.web.inbox.ticks import Tick, tick_of
from rapport.web.kit.faces import face_of
from rapport.web.kit.moments import say_exactly, say_moment
from rapport.web.kit.stencils import Stencil

CHANNELS: dict[str, str | Promise] = {
    "email": _("mail"),
    "webhook": _("webhook"),
    "messenger": _("messenger"),
    "api": _("API"),
}
MESSAGE, FOLD, TO, HELD, FOOT, TICK, REMARK, FORMATTED = (
    Stencil(f"inbox/messages/_{name}.html")
    for name in ("message", "fold", "to", "held", "foot", "tick", "remark", "formatted")
)
SAME_BREATH = 300


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message with what was made of it; `css` says ours, note, machine, withdrawn."""

    message: Message
    body: Body
    css: str
    who: str
    tick: Tick | None
    files: Sequence[Attachment]

    def follows(self, before: Bubble | None) -> bool:
        """Whether it goes on in the same breath as the one above it, and needs no head of its own."""
        if before is None or (before.who, before.css) != (self.who, self.css):
            return False
        pause = self.message.sent_at - before.message.sent_at
        return pause.total_seconds() < SAME_BREATH

    @property
    def trouble(self) -> Tick | None:
        """The tick that asks a person to decide."""
        return self.tick if self.tick and (self.tick.is_question or self.tick.is_failed) else None


def bubble_of(
    message: Message, *, files: Sequence[Attachment], delivery: Delivery | None, now: datetime
) -> Bubble:
    """The bubble of one message."""
    css = "message--note" if message.direction == Direction.NOTE else ""
    css = css or ("message--machine" if message.kind != MessageKind.HUMAN else "")
    css = css or ("message--ours" if message.direction == Direction.OUT else "")
    return Bubble(
        message,
        _body(message, files),
        css + (" message--undone" if message.withdrawn_at else ""),
        message.author_name or gettext("No name"),
        tick_of(delivery, now=now) if delivery else None,
        files,
    )


def _body(message: Message, files: Sequence[Attachment]) -> Body:
    """Our own words are Markdown; a customer's are what their mailer made of them."""
    if message.direction != Direction.IN and not message.html:
        return Body(markdown(message.text), False)
    pictures = {file.content_id: address_of(file) for file in files if file.content_id}
    return body_of(message.text, message.html, quoted=message.quoted, files=pictures)


def draw(bubble: Bubble, *, now: datetime, follows: bool = False) -> SafeString:
    """The bubble's HTML."""
    message, body, face = bubble.message, bubble.body, face_of(bubble.who)
    language = message.language
    return MESSAGE(
        id=message.pk,
        css=bubble.css + (" message--follows" if follows else ""),
        face="face--machine" if "machine" in bubble.css else "",
        turn=face.turn,
        signs=face.signs,
        who=bubble.who,
        through=through(message),
        to=_to(message),
        iso=message.sent_at.isoformat(timespec="seconds"),
        exact=say_exactly(message.sent_at),
        when=say_moment(message.sent_at, now=now),
        details=gettext("Details"),
        lang=format_html(' lang="{}"', language) if language else "",
        held=_held(message) if body.has_held_images else "",
        look="mail--plain" if body.is_plain else "",
        words=body.words,
        folds=_folds(message) if body.is_plain else "",
        invites=_invites(message, now),
        files=draw_files([f for f in bubble.files if body.is_plain or not f.is_inline]),
        foot=_foot(bubble),
    )


def through(message: Message) -> str:
    """By what it came or went; a note says that it stays."""
    if message.direction == Direction.NOTE:
        return gettext("note, only for us")
    return str(CHANNELS.get(message.channel_kind, message.channel_kind))


def machine_of(message: Message) -> str:
    """What kind of machine wrote it and how we know, for those that no person wrote."""
    if message.kind == MessageKind.HUMAN:
        return ""
    label, why = str(MessageKind(message.kind).label), str(message.why.get("kind", ""))
    return f"{label}: {why}" if why else label


def reasons_of(message: Message) -> list[str]:
    """Why the message stands where it stands, in sentences."""
    return [str(reason) for reason in message.why.get("reasons", ())]


def _to(message: Message) -> SafeString | str:
    """The people it went to, where they are more than one."""
    heads: dict[str, Any] = message.addresses
    people = [*heads.get("to", ()), *heads.get("cc", ())] if message.direction != "note" else []
    if len(people) < 2:
        return ""
    names = [person.get("name") or person.get("address", "") for person in people[:6]]
    return TO(label=gettext("to"), people=", ".join(names))


def _held(message: Message) -> SafeString:
    words = gettext(
        "Pictures from elsewhere are held back, so that nobody learns that you read this."
    )
    return HELD(words=words, id=message.pk, show=gettext("Show them"))


def _folds(message: Message) -> SafeString:
    parts = []
    if message.signature:
        parts.append(FOLD(label=gettext("Signature"), words=message.signature))
    if message.quoted:
        parts.append(FOLD(label=gettext("Earlier words"), words=message.quoted))
    return _joined(parts)


def _invites(message: Message, now: datetime) -> SafeString:
    return _joined(draw_invite(invite, now=now) for invite in message.extras.get("invites", ()))


def _foot(bubble: Bubble) -> SafeString | str:
    """How far it has come, what wrote it, what was odd."""
    message, tick = bubble.message, bubble.tick
    parts = []
    if message.withdrawn_at:
        parts.append(REMARK(css="", words=gettext("taken back before it left")))
    elif tick:
        parts.append(TICK(state=tick.state, icon=tick.icon, words=tick.words))
    if machine := machine_of(message):
        parts.append(REMARK(css="", words=machine))
    if bubble.body.is_partial:
        parts.append(FORMATTED(id=message.pk, label=gettext("Formatted")))
    parts += [REMARK(css="warn", words=each) for each in message.extras.get("warnings", ())]
    return FOOT(parts=_joined(parts)) if parts else ""


def _joined(parts: Any) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - stencils escape
