"""Writing: the mail that a delivery is, the same at every attempt."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils import formats, translation
from django.utils.translation import gettext as _

from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.dividing import divide_files, link_files
from rapport.channels.email.handing_over import Outgoing
from rapport.channels.email.recognising import loop_marker, thread_secret
from rapport.channels.models import Channel
from rapport.conversations.models import Attachment, Direction, Message, MessageKind
from rapport.kernel.config import config
from rapport.kernel.mail.composing import History, OutgoingFile, compose_mail, sender_name
from rapport.kernel.mail.parsed import Address
from rapport.kernel.mail.tagging_threads import make_message_id, reply_token, tag_address
from rapport.kernel.mail.writing_headers import UnsendableMail, check_address, check_id
from rapport.kernel.storage import open_file

__all__ = ["UnsendableMail", "keep_message_id", "write_mail"]

#: Ids of a thread that are looked at; the composer keeps the root and the newest of them.
MOST_REFERENCES = 200
#: Characters of the answered message that are quoted.
MOST_QUOTED = 20_000
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")


def keep_message_id(message: Message, *, channel: Channel) -> str:
    """The Message-ID (without brackets), made once and stored before anything is sent."""
    if not message.external_id:
        made = make_message_id(
            thread_secret(),
            conversation_id=message.conversation_id,
            message_id=message.pk,
            domain=_wire(channel.address).rpartition("@")[2] or config().mail_domain,
        )
        if Message.objects.filter(pk=message.pk, external_id="").update(external_id=made):
            message.external_id = made
        else:  # another worker was first
            message.refresh_from_db(fields=["external_id"])
    return message.external_id


def write_mail(
    message: Message, *, channel: Channel, settings: MailConfig, most_bytes: int | None = None
) -> Outgoing:
    """Compose it; its Message-ID must have been kept. Raises UnsendableMail, OSError for its files.

    `most_bytes` of files go along where the mailbox's own limit is too much.
    """
    most = settings.most_attached_bytes if most_bytes is None else most_bytes
    everybody = [*_people(message, "to"), *_people(message, "cc"), *_people(message, "bcc")]
    recipients = {_wire(who.address).lower(): _wire(who.address) for who in everybody}
    return Outgoing(
        sender=_wire(channel.address),
        recipients=list(recipients.values()),
        raw=_compose(message, channel=channel, settings=settings, most_bytes=most),
    )


def _compose(message: Message, *, channel: Channel, settings: MailConfig, most_bytes: int) -> bytes:
    team = _line(settings.from_name or channel.name)
    is_automatic = message.kind != MessageKind.HUMAN
    answered, thread = _thread_of(message)
    along, lent = divide_files(message, most_bytes=most_bytes)
    return compose_mail(
        sender=Address(sender_name(_line(message.author_name), team), channel.address),
        reply_to=_reply_to(message, team, channel=channel, settings=settings),
        to=_people(message, "to"),
        cc=_people(message, "cc"),
        subject=_line(message.subject),
        body=message.text,
        message_id=message.external_id,
        date=message.recorded_at,
        in_reply_to=answered,
        references=thread,
        signature=channel.brand.signature if channel.brand else "",
        history=_history(message, settings),
        files=_files(along),
        links=link_files(message, lent),
        language=message.conversation.language,
        automatic="auto-replied" if is_automatic else "",
        loop_marker=loop_marker(),
    )


def _reply_to(
    message: Message, team: str, *, channel: Channel, settings: MailConfig
) -> Address | None:
    if settings.reply_tokens == "none":
        return None
    token = reply_token(thread_secret(), message.conversation_id)
    return Address(team, tag_address(_wire(channel.address), token))


def _thread_of(message: Message) -> tuple[str, list[str]]:
    """What it answers, and the ids of the thread, root first; empty for what begins a thread."""
    if message.extras.get("forwards"):
        return "", []
    said = (
        Message.objects.filter(
            conversation=message.conversation_id, channel_kind="email", withdrawn_at=None
        )
        .exclude(external_id="")
        .exclude(direction=Direction.NOTE)
        .exclude(extras__has_key="forwards")
        .filter(pk__lt=message.pk)
        .order_by("sent_at", "pk")
        .values_list("external_id", flat=True)
    )
    root, newest = list(said[:1]), list(said.reverse()[:MOST_REFERENCES])
    thread = list(dict.fromkeys(filter(_is_sendable, [*root, *reversed(newest)])))
    answered = message.in_reply_to.external_id if message.in_reply_to else ""
    if not _is_sendable(answered):
        answered = thread[-1] if thread else ""
    return answered, thread


def _is_sendable(message_id: str) -> bool:
    """Whether a stranger's Message-ID may stand in a header of ours."""
    try:
        return bool(check_id("References", message_id))
    except UnsendableMail:
        return False


def _history(message: Message, settings: MailConfig) -> History | None:
    """What is quoted below: the forwarded message, else the one that is answered."""
    if message.quoted.strip():
        first, _newline, rest = message.quoted.strip().partition("\n")
        return History(first, rest)
    answered = message.in_reply_to
    if not settings.quotes_history or answered is None or not answered.text.strip():
        return None
    language = message.conversation.language or (translation.get_language() or "en")
    with translation.override(language.lower()):
        written = _("On %(date)s, %(name)s wrote:") % {
            "date": formats.date_format(answered.sent_at, "DATETIME_FORMAT"),
            "name": answered.author_name or _author(answered),
        }
    return History(_line(written), answered.text[:MOST_QUOTED])


def _author(message: Message) -> str:
    writers = _people(message, "from")
    return writers[0].label if writers else message.subject


def _files(attached: Iterable[Attachment]) -> list[OutgoingFile]:
    files = []
    for kept in attached:
        with open_file(kept.stored_name) as content:
            data = content.read()
        files.append(
            OutgoingFile(
                name=_line(kept.name),
                content_type=_line(kept.content_type),
                data=data,
                content_id=kept.content_id if kept.is_inline else "",
            )
        )
    return files


def _people(message: Message, head: str) -> list[Address]:
    found: Iterable[dict[str, str]] = message.addresses.get(head) or ()
    return [
        Address(_line(who.get("name") or ""), who["address"]) for who in found if who.get("address")
    ]


def _line(text: str) -> str:
    """A name as one line, whatever somebody has called himself."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _wire(address: str) -> str:
    """The address as SMTP wants it, a domain beyond ASCII in its ASCII form; raises UnsendableMail."""
    return check_address("address", address)
