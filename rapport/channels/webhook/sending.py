"""Sending: a reply goes to the channel's callback address as a signed `message.created`.

The signed id is the same at every attempt and tells the other side a repetition from a second message: so there is
no point of no return, and a call without an answer may be made again.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from rapport.channels.contract import Outcome, SendResult
from rapport.channels.linking import can_be_reached, link_to
from rapport.channels.models import Channel, Delivery
from rapport.channels.webhook.configuring import Misconfigured, read_config, thread_key
from rapport.channels.webhook.signing import sign_headers, standing_secrets
from rapport.conversations.lending import lend_files, loan_token
from rapport.conversations.models import Attachment, Direction, Message
from rapport.kernel import clock
from rapport.kernel.mail.tagging_threads import reply_token
from rapport.kernel.net.calling import Answer, Unanswered, Unreachable, call
from rapport.kernel.net.guarding import Forbidden, Unresolved
from rapport.kernel.storage import open_file

#: Files of one message together, in bytes, as they stand in the body.
MOST_FILE_BYTES = 10_000_000
_OUTCOMES = {
    400: Outcome.CONTENT_INVALID,
    401: Outcome.AUTH_INVALID,
    403: Outcome.AUTH_INVALID,
    404: Outcome.MISCONFIGURED,
    405: Outcome.MISCONFIGURED,
    408: Outcome.TRANSIENT,
    410: Outcome.MISCONFIGURED,
    413: Outcome.CONTENT_INVALID,
    415: Outcome.CONTENT_INVALID,
    422: Outcome.CONTENT_INVALID,
    425: Outcome.THROTTLED,
    429: Outcome.THROTTLED,
    503: Outcome.THROTTLED,
}


class TooLarge(Exception):
    """The attachments are larger than a callback carries, and nobody could fetch them here."""


def send_delivery(delivery: Delivery) -> SendResult:
    """Sign, call, and make the answer a result. Raises SecretUnreadable."""
    channel, message = delivery.channel, delivery.message
    try:
        settings = read_config(channel.config)
        body = msgspec.json.encode(make_event(message, channel=channel))
    except Misconfigured as error:
        return SendResult(Outcome.MISCONFIGURED, error=str(error))
    except TooLarge as error:
        return SendResult(Outcome.CONTENT_INVALID, code="too_large", error=str(error))
    now = clock.now()
    secrets = standing_secrets(channel.secrets.get("signing", ()), now=now)
    if not settings.callback_url or not secrets:
        missing = "no_signing_secret" if settings.callback_url else "no_callback"
        return SendResult(Outcome.MISCONFIGURED, code=missing)
    signed = sign_headers(secrets, message_id=f"msg_{message.pk}", now=now, body=body)
    return _hand_over(settings.callback_url, body, signed)


def make_event(message: Message, *, channel: Channel) -> dict[str, Any]:
    """What the other side gets; raises TooLarge."""
    conversation = message.conversation
    last = _last_inbound(message)
    return {
        "type": "message.created",
        "timestamp": _iso(message.recorded_at),
        "data": {
            "message_id": message.pk,
            "conversation_id": conversation.pk,
            "conversation_ref": _matter_of(message),
            "conversation_token": reply_token(thread_key(str(channel.public_id)), conversation.pk),
            "in_reply_to": last.external_id if last else None,
            "contact": _contact(message, last),
            "author": {"name": message.author_name},
            "subject": message.subject,
            "text": message.text,
            "html": message.html or None,
            "attachments": _files(message),
        },
    }


def _hand_over(url: str, body: bytes, signed: dict[str, str]) -> SendResult:
    try:
        answer = call(
            "POST", url, headers={"content-type": "application/json", **signed}, body=body
        )
    except Forbidden as error:
        return SendResult(Outcome.MISCONFIGURED, code="forbidden_address", error=str(error))
    except (Unresolved, Unreachable) as error:
        return SendResult(Outcome.TRANSIENT, code="unreachable", error=str(error))
    except Unanswered as error:
        return SendResult(Outcome.TRANSIENT, code="line_broke", error=str(error))
    if 200 <= answer.status < 300:
        return SendResult(Outcome.ACCEPTED, external_id=_external_id(answer))
    return SendResult(
        _outcome_of(answer.status),
        error=f"HTTP {answer.status}",
        retry_after=answer.retry_after,
    )


def _outcome_of(status: int) -> Outcome:
    if status in _OUTCOMES:
        return _OUTCOMES[status]
    if 300 <= status < 400:
        return Outcome.MISCONFIGURED
    return Outcome.TRANSIENT if status >= 500 else Outcome.PERMANENT


def _external_id(answer: Answer) -> str:
    """The id that the other side gave it, if it said one."""
    try:
        given = msgspec.json.decode(answer.body, type=dict[str, Any]).get("external_id", "")
    except msgspec.MsgspecError:
        return ""
    return given[:200].replace("\x00", "") if isinstance(given, str) else ""


def _last_inbound(message: Message) -> Message | None:
    """The newest message from the other side in this conversation and channel."""
    return (
        Message.objects.filter(
            conversation=message.conversation_id,
            channel_id=message.channel_id,
            direction=Direction.IN,
            pk__lt=message.pk,
        )
        .order_by("-pk")
        .first()
    )


def _matter_of(message: Message) -> str | None:
    """The other system's own name of the conversation, as it said it last."""
    named = Message.objects.filter(
        conversation=message.conversation_id,
        channel_id=message.channel_id,
        extras__has_key="matter",
        pk__lt=message.pk,
    )
    found = named.order_by("-pk").values_list("extras__matter", flat=True).first()
    return str(found) if found else None


def _contact(message: Message, last: Message | None) -> dict[str, Any]:
    customer = message.conversation.customer
    known = dict(customer.identities.order_by("-pk").values_list("kind", "shown"))
    return {
        "external_id": last.extras.get("contact_external_id") if last else None,
        "name": customer.name,
        "email": known.get("email"),
        "phone": known.get("phone"),
    }


def _files(message: Message) -> list[dict[str, Any]]:
    """Those that fit by their bytes; the others by an address that is good for a while."""
    files, total = [], 0
    for kept in message.attachments.exclude(stored_name="").order_by("pk"):
        is_small = total + kept.size <= MOST_FILE_BYTES
        total += kept.size if is_small else 0
        files.append(
            {
                "name": kept.name,
                "content_type": kept.content_type,
                "size": kept.size,
                "sha256": kept.sha256,
                **(_by_bytes(kept) if is_small else _by_link(message, kept)),
            }
        )
    return files


def _by_bytes(kept: Attachment) -> dict[str, Any]:
    with open_file(kept.stored_name) as content:
        return {"data": base64.b64encode(content.read()).decode("ascii")}


def _by_link(message: Message, kept: Attachment) -> dict[str, Any]:
    if not can_be_reached():
        raise TooLarge(f"{kept.size} > {MOST_FILE_BYTES}")
    until = lend_files(message)
    return {"url": link_to(loan_token(kept, until=until)), "until": _iso(until)}


def _iso(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds").replace("+00:00", "Z"))
