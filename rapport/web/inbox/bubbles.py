"""Bubbles: a message as the thread shows it, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.channels.models import Delivery
from rapport.conversations.models import Attachment, Direction, Message, MessageKind
from rapport.web.inbox.bodies import Body, body_of, markdown
from rapport.web.inbox.ticks import Tick, tick_of
from rapport.web.kit.faces import face_of
from rapport.web.kit.moments import say_exactly, say_moment

CHANNELS: dict[str, str | Promise] = {
    "email": _("mail"),
    "webhook": _("webhook"),
    "messenger": _("messenger"),
    "api": _("API"),
}
ICONS = {"email": "mail", "webhook": "hook", "messenger": "chat", "api": "plug"}
#: Pictures of these kinds are shown; anything else is a download.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message: kept and shown, kept and offered, or refused with the reason."""

    name: str
    size: int
    href: str = ""
    is_picture: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """Everything that the template prints; `css` says ours, note, machine, failed."""

    id: int
    css: str
    follows: bool
    who: str
    signs: str
    turn: int
    icon: str
    through: str
    to: str
    at: datetime
    when: str
    when_iso: str
    when_exact: str
    lang: str
    words: SafeString
    is_plain: bool
    is_partial: bool
    has_held_images: bool
    quoted: str
    signature: str
    files: Sequence[File]
    invites: Sequence[dict[str, Any]]
    machine: str
    reasons: Sequence[str]
    tick: Tick | None
    is_withdrawn: bool
    is_ours: bool = False
    is_note: bool = False
    warnings: Sequence[str] = field(default_factory=tuple)

    is_message: bool = True


def bubble_of(
    message: Message,
    *,
    files: Sequence[Attachment],
    delivery: Delivery | None,
    before: Bubble | None,
    now: datetime,
) -> Bubble:
    """The bubble of one message; `before` is the bubble above it, whose head it may share."""
    is_ours, is_note = message.direction == Direction.OUT, message.direction == Direction.NOTE
    who = message.author_name or gettext("No name")
    shown = face_of(who)
    body = _body(message, files)
    machine = _machine(message)
    css = _css(is_ours=is_ours, is_note=is_note, is_machine=bool(machine))
    return Bubble(
        id=message.pk,
        css=css + (" message--undone" if message.withdrawn_at else ""),
        follows=_follows(before, message, who=who, css=css),
        who=who,
        signs=shown.signs,
        turn=shown.turn,
        icon="note" if is_note else ICONS.get(message.channel_kind, "chat"),
        through=gettext("note, only for us") if is_note else _through(message.channel_kind),
        to=_recipients(message.addresses) if not is_note else "",
        at=message.sent_at,
        when=say_moment(message.sent_at, now=now),
        when_iso=message.sent_at.isoformat(timespec="seconds"),
        when_exact=say_exactly(message.sent_at),
        lang=message.language,
        words=body.words,
        is_plain=body.is_plain,
        is_partial=body.is_partial,
        has_held_images=body.has_held_images,
        quoted=message.quoted if body.is_plain else "",
        signature=message.signature if body.is_plain else "",
        files=[_file(file) for file in files if not (file.is_inline and not body.is_plain)],
        invites=[_invite(each, now) for each in message.extras.get("invites", ())],
        machine=machine,
        reasons=reasons_of(message),
        tick=tick_of(delivery, now=now) if delivery else None,
        is_withdrawn=message.withdrawn_at is not None,
        is_ours=is_ours,
        is_note=is_note,
        warnings=message.extras.get("warnings", ()),
    )


def _body(message: Message, files: Sequence[Attachment]) -> Body:
    """Our own words are Markdown; a customer's are what their mailer made of them."""
    if message.direction != Direction.IN and not message.html:
        return Body(markdown(message.text), False)
    pictures = {file.content_id: address_of(file) for file in files if file.content_id}
    return body_of(message.text, message.html, quoted=message.quoted, files=pictures)


def _invite(invite: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A calendar entry with its time as a person says it; a bare date is a whole day."""
    starts = str(invite.get("starts", ""))
    try:
        moment = parse_datetime(starts) if "T" in starts else None
    except ValueError:
        moment = None
    said = say_moment(moment, now=now) if moment and moment.tzinfo else starts.replace("T", " ")
    return {**invite, "said": said}


def address_of(file: Attachment) -> str:
    """Where a kept file is fetched; nothing for a refused one."""
    return f"/inbox/files/{file.pk}" if file.stored_name else ""


def reasons_of(message: Message) -> list[str]:
    """Why the message stands here and is what it is, in sentences."""
    reasons = message.why.get("reasons", []) if message.why else []
    return [str(reason) for reason in reasons]


def _css(*, is_ours: bool, is_note: bool, is_machine: bool) -> str:
    if is_note:
        return "message--note"
    if is_machine:
        return "message--machine"
    return "message--ours" if is_ours else ""


def _machine(message: Message) -> str:
    """What kind of machine wrote it and how we know, for those that no person wrote."""
    if message.kind == MessageKind.HUMAN:
        return ""
    label = str(MessageKind(message.kind).label)
    why = str(message.why.get("kind", "")) if message.why else ""
    return f"{label}: {why}" if why else label


def _through(kind: str) -> str:
    return str(CHANNELS.get(kind, kind))


def _recipients(addresses: dict[str, Any]) -> str:
    people = [*addresses.get("to", ()), *addresses.get("cc", ())] if addresses else []
    if len(people) < 2:
        return ""
    return ", ".join(person.get("name") or person.get("address", "") for person in people[:6])


def _follows(before: Bubble | None, message: Message, *, who: str, css: str) -> bool:
    if before is None or before.who != who or before.css != css:
        return False
    return (message.sent_at - before.at).total_seconds() < 300


def _file(file: Attachment) -> File:
    if file.refused or not file.stored_name:
        return File(file.name, file.size, refused=file.refused or gettext("It was not kept."))
    return File(
        file.name,
        file.size,
        href=address_of(file),
        is_picture=file.content_type in SHOWN and file.size < 5_000_000,
    )
