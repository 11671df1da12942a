"""Writing: the mail that a delivery is, the same at every attempt."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.handing_over import Outgoing
from rapport.channels.models import Channel
from rapport.conversations.models import Direction, Message
from rapport.kernel.config import config
from rapport.kernel.storage import open_file

#: Ids in a References header; the first one (the root) always stays.
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Heads:
    """Who it goes to, each as (name, address)."""

    to: list[tuple[str, str]]
    cc: list[tuple[str, str]]
    bcc: list[tuple[str, str]]


def keep_message_id(message: Message, *, channel: Channel) -> str:
    """The Message-ID (without brackets), made once and stored before anything is sent."""
    if not message.external_id:
        domain = channel.address.rpartition("@")[2] or config().mail_domain
        made = f"{secrets.token_hex(8)}.c{message.conversation_id}.m{message.pk}@{domain}"
        Message.objects.filter(pk=message.pk, external_id="").update(external_id=made)
        message.refresh_from_db(fields=["external_id"])
    return message.external_id


def write_mail(message: Message, *, channel: Channel, settings: MailConfig) -> Outgoing:
    """Compose it; its Message-ID must have been kept."""
    heads = _heads(message)
    recipients = {
        _to_wire(address).lower(): _to_wire(address)
        for _name, address in (*heads.to, *heads.cc, *heads.bcc)
    }
    return Outgoing(
        sender=_to_wire(channel.address),
        recipients=list(recipients.values()),
        raw=_compose(message, heads, channel=channel, settings=settings),
    )


def references_of(message: Message) -> tuple[str, list[str]]:
    """What it answers, and the ids of the thread, root first; empty for what begins a thread."""
    if message.extras.get("forwards"):
        return "", []
    thread = list(
        Message.objects.filter(
            conversation=message.conversation_id, channel_kind="email", withdrawn_at=None
        )
        .exclude(external_id="")
        .exclude(direction=Direction.NOTE)
        .exclude(pk__gte=message.pk)
        .order_by("sent_at", "pk")
        .values_list("external_id", flat=True)
    )
    answered = message.in_reply_to.external_id if message.in_reply_to else ""
    answered = answered or (thread[-1] if thread else "")
    ids = [known for known in dict.fromkeys(thread) if known != answered]
    if answered:
        ids.append(answered)
    return answered, ids[:1] + ids[1:][-(MOST_REFERENCES - 1) :]


def _heads(message: Message) -> Heads:
    def people(head: str) -> list[tuple[str, str]]:
        found: Iterable[dict[str, str]] = message.addresses.get(head) or ()
        return [(who.get("name") or "", who["address"]) for who in found if who.get("address")]

    return Heads(people("to"), people("cc"), people("bcc"))


def _compose(message: Message, heads: Heads, *, channel: Channel, settings: MailConfig) -> bytes:
    mail = EmailMessage(policy=SMTP)
    name = settings.from_name or channel.name
    shown = f"{message.author_name} ({name})" if message.author_name else name
    mail["From"] = Address(shown, addr_spec=channel.address)
    for head, people in (("To", heads.to), ("Cc", heads.cc)):
        if people:
            mail[head] = [Address(name, addr_spec=address) for name, address in people]
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.recorded_at)
    mail["Message-ID"] = f"<{message.external_id}>"
    answered, ids = references_of(message)
    if answered:
        mail["In-Reply-To"] = f"<{answered}>"
        mail["References"] = " ".join(f"<{known}>" for known in ids)
    mail.set_content(message.text)
    for file in message.attachments.exclude(stored_name=""):
        main, _slash, sub = file.content_type.partition("/")
        with open_file(file.stored_name) as content:
            mail.add_attachment(content.read(), maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()


def _to_wire(address: str) -> str:
    """The address as SMTP wants it: a domain beyond ASCII in its ASCII form."""
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return local + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return address
