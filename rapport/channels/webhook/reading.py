"""Reading: the payload of a generic webhook becomes an `Inbound`. Pure: nothing is fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from rapport.channels.contract import ChannelKey, Refused, Unreadable
from rapport.channels.webhook.configuring import (
    Misconfigured,
    WebhookConfig,
    read_config,
    thread_key,
)
from rapport.channels.webhook.payload import Contact, File, Payload, read_payload
from rapport.conversations.inbound import Inbound, InboundFile, Sender
from rapport.kernel.config import config
from rapport.kernel.mail.decoding import clean_line, clean_text
from rapport.kernel.mail.flattening import flatten_html
from rapport.kernel.mail.sanitizing import sanitize_html
from rapport.kernel.mail.sniffing import sniff_content_type
from rapport.kernel.mail.tagging_threads import conversation_in_token


def read_envelope(
    raw: bytes,
    *,
    event_id: str,
    channel: ChannelKey,
    headers: Mapping[str, str],
    own_addresses: frozenset[str],
) -> Inbound:
    """Read one message; raises Unreadable."""
    try:
        payload, settings = read_payload(raw), read_config(channel.config)
    except (Refused, Misconfigured) as error:
        raise Unreadable(_explain(error)) from None
    external_id = payload.external_id or headers.get("webhook-id", "")
    html = sanitize_html(payload.html or "")
    tokens = _thread_tokens(payload, channel)
    return Inbound(
        sender=_sender(payload.contact, channel.public_id, settings),
        external_id=external_id,
        content_key=_content_key(channel, external_id),
        subject=clean_line(payload.subject or ""),
        text=clean_text(payload.text or "") or flatten_html(html.html),
        html=html.html,
        has_held_images=html.has_held_images,
        kind_why="sent by a system that the channel trusts",
        sent_at=payload.sent_at,
        addresses={"from": [_shown(payload.contact)]},
        thread_tokens=tokens,
        matter="" if tokens else payload.conversation_ref or "",
        files=[_file(file) for file in payload.attachments if file.data is not None],
        extras=_extras(payload),
    )


def external_address(channel_public_id: str, external_id: str) -> str:
    """The id of a contact in the other system, as an identity that no other channel can claim."""
    return f"{channel_public_id}:{external_id}"


def sender_of(contact: Contact, *, channel_public_id: str, config: Mapping[str, Any]) -> Sender:
    """By what a contact of this channel is recognised; raises Misconfigured."""
    return _sender(contact, channel_public_id, read_config(config))


def _sender(contact: Contact, channel_public_id: str, settings: WebhookConfig) -> Sender:
    external = external_address(channel_public_id, contact.external_id or "")
    found = [
        ("email", contact.email),
        ("phone", contact.phone),
        ("external", external if contact.external_id else None),
    ]
    if settings.identify_by == "external_id":
        found.insert(0, found.pop())
    kind, value = next((kind, value) for kind, value in found if value and value.strip())
    name = clean_line(contact.name or "")
    return Sender(kind, clean_line(value or ""), name, is_verified=settings.vouches)


def _shown(contact: Contact) -> dict[str, str]:
    address = contact.email or contact.phone or contact.external_id or ""
    return {"name": clean_line(contact.name or ""), "address": clean_line(address)}


def _content_key(channel: ChannelKey, external_id: str) -> str:
    """The same id in the same channel is the same message, by hook or by API."""
    if not external_id:
        return ""
    return hashlib.sha256(f"{channel.public_id}\0{external_id}".encode()).hexdigest()


def _thread_tokens(payload: Payload, channel: ChannelKey) -> list[int]:
    key = thread_key(channel.public_id)
    number = conversation_in_token(key, payload.conversation_ref or "")
    return [] if number is None else [number]


def _file(file: File) -> InboundFile:
    data = file.data or b""
    name = clean_line(file.name) or "file"
    too_large = len(data) > config().max_attachment_bytes
    return InboundFile(
        name=name,
        content_type=sniff_content_type(data, name=name, declared=file.content_type.lower()),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=None if too_large else data,
        refused="larger than attachments may be" if too_large else "",
    )


def _extras(payload: Payload) -> dict[str, Any]:
    """What else came with it; files by address are shown as links and never fetched."""
    extras: dict[str, Any] = {}
    links = [
        {"name": clean_line(file.name) or file.url, "url": clean_line(file.url)}
        for file in payload.attachments
        if file.url is not None and file.url.lower().startswith(("https://", "http://"))
    ]
    if links:
        extras["links"] = links
    if payload.metadata:
        extras["metadata"] = _without_nul(payload.metadata)
    if payload.contact.external_id:
        extras["contact_external_id"] = payload.contact.external_id
    return extras


def _without_nul(value: Any) -> Any:
    """PostgreSQL keeps no NUL, in JSON neither."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value


def _explain(error: Exception) -> str:
    if isinstance(error, Refused) and error.errors:
        return "; ".join(f"{one['pointer']}: {one['detail']}" for one in error.errors)
    return str(error)
