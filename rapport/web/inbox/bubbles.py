"""Bubbles: a message as the thread shows it, drawn with stencils: a thread holds fifty of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from rapport.channels.models import DeliveryState
from rapport.conversations.models import Direction, MessageKind
from rapport.web.inbox.bodies import LONGEST_KEPT, Body, body_of, markdown, place_pictures
from rapport.web.inbox.calling import mark_calls, unreached
from rapport.web.inbox.explaining import doubts_of, loan_of, machine_of
from rapport.web.inbox.files import address_of, draw_files
from rapport.web.inbox.invites import draw_invite
from rapport.web.inbox.reading import Spoken
from rapport.web.inbox.ticks import Tick, tick_of, ticks_apart
from rapport.web.kit.faces import face_of
from rapport.web.kit.moments import say_exactly, say_moment
from rapport.web.kit.stencils import Stencil

CHANNELS: dict[str, str | Promise] = {
    "email": _("mail"),
    "webhook": _("webhook"),
    "messenger": _("messenger"),
    "api": _("API"),
}
MESSAGE, FOLD, TO, DOUBT, HELD, FOOT, TICK, REMARK, FORMATTED = (
    Stencil(f"inbox/messages/_{name}.html")
    for name in ("message", "fold", "to", "doubt", "held", "foot", "tick", "remark", "formatted")
)
SAME_BREATH = 300


class Drawn(NamedTuple):
    """A message's HTML, and the ticks that ask a person to decide."""

    html: SafeString
    troubles: Sequence[Tick]


class Reader(NamedTuple):
    """For whom is drawn: language, zone, noon of the day and the minute that it is."""

    language: str | None
    zone: str
    noon: datetime
    minute: datetime


def reader_at(now: datetime) -> Reader:
    """Whoever reads now."""
    here = now.astimezone(timezone.get_current_timezone())
    noon = here.replace(hour=12, minute=0, second=0, microsecond=0)
    minute = now.replace(second=0, microsecond=0)
    return Reader(get_language(), timezone.get_current_timezone_name(), noon, minute)


def draw(spoken: Spoken, *, reader: Reader, follows: bool = False) -> Drawn:
    """Draw it; while nothing about it changes it is drawn once a day, and once a minute before it leaves."""
    waits = spoken.delivery_state == DeliveryState.QUEUED
    now = reader.minute if waits else reader.noon
    drawing = _draw if spoken.length <= LONGEST_KEPT else _draw.__wrapped__
    return drawing((reader.language, reader.zone, now), spoken, follows)


def css_of(spoken: Spoken) -> str:
    """Ours, a note, a machine's, taken back."""
    css = "message--note" if spoken.is_note else ""
    css = css or ("message--machine" if spoken.kind != MessageKind.HUMAN else "")
    css = css or ("message--ours" if spoken.is_ours else "")
    return css + (" message--undone" if spoken.withdrawn_at else "")


def follows(spoken: Spoken, before: Spoken | None) -> bool:
    """Whether it goes on in the same breath as the one above it, and needs no head of its own."""
    if before is None or spoken.author_name != before.author_name:
        return False
    pause = spoken.sent_at - before.sent_at
    return pause.total_seconds() < SAME_BREATH and css_of(spoken) == css_of(before)


@lru_cache(maxsize=2048)
def _draw(reader: tuple[Any, ...], spoken: Spoken, follows: bool) -> Drawn:
    now = reader[-1]
    body, tick, apart = _body(spoken), tick_of(spoken, now=now), ticks_apart(spoken, now=now)
    who, css = spoken.author_name or gettext("No name"), css_of(spoken)
    face = face_of(who)
    html = MESSAGE(
        id=spoken.id,
        css=css + (" message--follows" if follows else ""),
        face="face--machine" if "machine" in css else "",
        turn=face.turn,
        signs=face.signs,
        who=who,
        through=through(spoken),
        to=_to(spoken),
        iso=spoken.sent_at.isoformat(timespec="seconds"),
        exact=say_exactly(spoken.sent_at),
        when=say_moment(spoken.sent_at, now=now),
        details=gettext("Details"),
        lang=format_html(' lang="{}"', spoken.language) if spoken.language else "",
        doubts=_joined(DOUBT(words=words) for words in doubts_of(spoken)),
        held=_held(spoken) if body.has_held_images else "",
        look="mail--plain" if body.is_plain else "",
        words=body.words,
        folds=_folds(spoken) if body.is_plain else "",
        invites=_joined(draw_invite(each, now=now) for each in spoken.extras.get("invites", ())),
        files=draw_files([f for f in spoken.files if body.is_plain or not f.is_inline]),
        foot=_foot(spoken, body, tick, apart),
    )
    return Drawn(html, [each for each in (*filter(None, [tick]), *apart) if each.is_trouble])


def _body(spoken: Spoken) -> Body:
    """Our own words are Markdown; a customer's are what their mailer made of them."""
    pictures = {file.content_id: address_of(file) for file in spoken.files if file.content_id}
    if spoken.direction != Direction.IN and not spoken.html:
        words = place_pictures(markdown(spoken.text), pictures)
        return Body(mark_calls(words, spoken.extras), False)
    return body_of(spoken.text, spoken.html, quoted=spoken.quoted, files=pictures)


def through(spoken: Spoken) -> str:
    """By what it came or went; a note says that it stays."""
    if spoken.is_note:
        return gettext("note, only for us")
    return str(CHANNELS.get(spoken.channel_kind, spoken.channel_kind))


def _to(spoken: Spoken) -> SafeString | str:
    """The people it went to, where they are more than one."""
    heads: dict[str, Any] = spoken.addresses
    people = [*heads.get("to", ()), *heads.get("cc", ())] if not spoken.is_note else []
    if len(people) < 2:
        return ""
    names = [person.get("name") or person.get("address", "") for person in people[:6]]
    return TO(label=gettext("to"), people=", ".join(names))


def _held(spoken: Spoken) -> SafeString:
    words = gettext(
        "Pictures from elsewhere are held back, so that nobody learns that you read this."
    )
    return HELD(words=words, id=spoken.id, show=gettext("Show them"))


def _folds(spoken: Spoken) -> SafeString:
    parts = []
    if spoken.signature:
        parts.append(FOLD(label=gettext("Signature"), words=spoken.signature))
    if spoken.quoted:
        parts.append(FOLD(label=gettext("Earlier words"), words=spoken.quoted))
    return _joined(parts)


def _foot(spoken: Spoken, body: Body, tick: Tick | None, apart: Sequence[Tick]) -> SafeString | str:
    """How far it has come, what wrote it, what was odd."""
    parts = []
    if spoken.withdrawn_at:
        parts.append(REMARK(css="", words=gettext("taken back before it left")))
    elif tick:
        parts.append(TICK(state=tick.state, icon=tick.icon, words=tick.words))
        if not tick.is_trouble:
            parts += [REMARK(css="warn", words=f"{who}: {why}") for who, why in tick.refused]
    for each in apart:
        words = f"{each.only_to}: {each.words}"
        parts.append(TICK(state=each.state, icon=each.icon, words=words))
    if machine := machine_of(spoken):
        parts.append(REMARK(css="", words=machine))
    if body.is_partial:
        parts.append(FORMATTED(id=spoken.id, label=gettext("Formatted")))
    parts += [REMARK(css="warn", words=each) for each in spoken.extras.get("warnings", ())]
    parts += [REMARK(css="warn", words=each) for each in unreached(spoken.extras)]
    if lent := loan_of(spoken):
        parts.append(REMARK(css="", words=lent))
    return FOOT(parts=_joined(parts)) if parts else ""


def _joined(parts: Any) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - stencils escape
