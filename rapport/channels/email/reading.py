"""Reading: a mail's bytes become an `Inbound`. Pure; the parsing itself is the kernel's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rapport.channels.contract import ChannelKey, Unreadable
from rapport.channels.email.doubting import check_sender
from rapport.channels.email.recognising import loop_marker, proved_conversations
from rapport.conversations.inbound import BounceReport, Inbound, InboundFile, Sender
from rapport.kernel.config import config
from rapport.kernel.mail.identifying import hash_in, mail_key
from rapport.kernel.mail.limiting import MailLimits, UnreadableMail
from rapport.kernel.mail.parsed import Address, Attachment, Bounce, ParsedMail
from rapport.kernel.mail.parsing import parse_mail
from rapport.kernel.mail.tagging_threads import untag_address

#: Addresses kept on a message; a mail to ten thousand keeps the first of them and their number.
MOST_SHOWN = 200


def read_envelope(
    raw: bytes,
    *,
    event_id: str,
    channel: ChannelKey,
    headers: Mapping[str, str],
    own_addresses: frozenset[str],
) -> Inbound:
    """Read one mail; raises Unreadable."""
    try:
        mail = parse_mail(
            raw, limits=_limits(), own_addresses=own_addresses, own_marker=loop_marker()
        )
    except UnreadableMail as error:
        raise Unreadable(str(error)) from None
    content_hash = hash_in(event_id) or mail_key(raw).content_hash
    references = [*mail.in_reply_to, *reversed(mail.references)]
    checked = check_sender(mail, config=channel.config, own_addresses=own_addresses)
    return Inbound(
        sender=_sender(mail, own_addresses, content_hash),
        external_id=mail.message_id,
        content_key=content_hash,
        subject=mail.subject,
        text=mail.text,
        quoted=mail.quoted,
        signature=mail.signature,
        html=mail.html,
        has_held_images=mail.html_has_held_images,
        kind=mail.kind,
        kind_why=mail.why,
        sent_at=mail.date,
        addresses=_addresses(mail),
        copied=_copied(mail, own_addresses),
        references=list(dict.fromkeys(references)),
        thread_tokens=proved_conversations(_all_recipients(mail), references),
        files=[_file(attachment) for attachment in mail.attachments],
        bounces=_reports(mail.bounce) if mail.bounce else [],
        is_doubted="doubts" in checked,
        extras={**_extras(mail), **checked},
    )


def _limits() -> MailLimits:
    return MailLimits(part_bytes=config().max_attachment_bytes)


def _sender(mail: ParsedMail, own: frozenset[str], content_hash: str) -> Sender:
    """Who wrote: From, or Reply-To where one of our own addresses sent a form's words.

    Without any address the sender is nobody we could meet again: never the same as another nobody.
    """
    author = mail.from_ or mail.sender
    if author and author.key in own and mail.reply_to:
        author = mail.reply_to[0]
    if author and author.address:
        return Sender("email", author.address, author.name)
    return Sender("external", f"no-sender:{content_hash[:32]}", author.name if author else "")


def _copied(mail: ParsedMail, own: frozenset[str]) -> list[Sender]:
    people: dict[str, Sender] = {}
    for person in (*mail.to, *mail.cc):
        if person.address and person.key not in own and not _is_tagged(person, own):
            people.setdefault(person.key, Sender("email", person.address, person.name))
    return list(people.values())


def _is_tagged(person: Address, own: frozenset[str]) -> bool:
    """Our address with a thread's token in it is ours too."""
    return untag_address(person.key) in own


def _all_recipients(mail: ParsedMail) -> list[str]:
    return [person.address for person in (*mail.to, *mail.cc)] + list(mail.recipients)


def _file(attachment: Attachment) -> InboundFile:
    return InboundFile(
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        sha256=attachment.sha256,
        data=attachment.data,
        content_id=attachment.content_id,
        is_inline=attachment.is_inline,
        refused=attachment.refused,
    )


def _reports(bounce: Bounce) -> list[BounceReport]:
    if bounce.kind not in ("failed", "complaint"):
        return []
    return [
        BounceReport(
            external_id=bounce.original_message_id,
            address=recipient.address.lower(),
            status=recipient.status,
            diagnostic=recipient.diagnostic,
            permanent=recipient.is_permanent,
        )
        for recipient in bounce.recipients
        if recipient.action == "failed" or bounce.kind == "complaint"
    ]


def _addresses(mail: ParsedMail) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "from": _people([mail.from_] if mail.from_ else []),
        "to": _people(mail.to),
        "cc": _people(mail.cc),
    }
    if mail.reply_to:
        shown["reply_to"] = _people(mail.reply_to)
    return shown


def _people(people: Iterable[Address]) -> list[dict[str, str]]:
    return [{"name": p.name, "address": p.address} for p in people][:MOST_SHOWN]


def _extras(mail: ParsedMail) -> dict[str, Any]:
    """What else came with it, as far as somebody may want to see it."""
    extras: dict[str, Any] = {}
    if mail.suppress_auto_reply:
        extras["suppress_auto_reply"] = True
    if mail.invites:
        extras["invites"] = [{f: getattr(i, f) for f in i.__slots__} for i in mail.invites]
    if mail.bounce:
        extras["bounce"] = {
            "kind": mail.bounce.kind,
            "recipients": [
                {f: getattr(r, f) for f in r.__slots__} for r in mail.bounce.recipients[:50]
            ],
        }
    if mail.warnings:
        extras["warnings"] = list(mail.warnings)
    if mail.list_id:
        extras["list_id"] = mail.list_id
    return extras
