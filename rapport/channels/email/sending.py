"""Sending: one attempt to hand one delivery over to the channel's mail server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from rapport.channels.claiming import mark_handing
from rapport.channels.contract import Outcome, SendResult
from rapport.channels.email.configuring import (
    MailConfig,
    Misconfigured,
    Server,
    read_config,
    smtp_server,
)
from rapport.channels.email.handing_over import hand_over
from rapport.channels.email.signing_in import (
    SignInLater,
    SignInLost,
    forget_token,
    secrets_of,
)
from rapport.channels.email.writing import UnsendableMail, keep_message_id, write_mail
from rapport.channels.models import Delivery


def send_delivery(delivery: Delivery) -> SendResult:
    """Compose, connect, hand over; what the server says becomes the result."""
    channel, message = delivery.channel, delivery.message
    try:
        settings = read_config(channel.config)
        server = smtp_server(settings, secrets_of(channel))
    except Misconfigured as error:
        return SendResult(Outcome.MISCONFIGURED, error=str(error))
    except SignInLost as error:
        return SendResult(Outcome.AUTH_INVALID, code="sign_in_lost", error=str(error))
    except SignInLater as error:
        return SendResult(Outcome.TRANSIENT, code="no_token", error=str(error))
    try:
        message_id = keep_message_id(message, channel=channel)
        result = _write_and_hand_over(delivery, settings, server)
    except UnsendableMail as error:
        return SendResult(Outcome.CONTENT_INVALID, error=str(error))
    if result.outcome is Outcome.AUTH_INVALID and forget_token(channel):
        result = replace(result, outcome=Outcome.TRANSIENT, code="no_token")
    return replace(result, external_id=message_id)


def _write_and_hand_over(delivery: Delivery, settings: MailConfig, server: Server) -> SendResult:
    """Once more with links alone where the server says, before it has anything, that this is too large."""
    write = partial(write_mail, delivery.message, channel=delivery.channel, settings=settings)
    mail = write()
    recipients = _recipients(delivery, mail.recipients)
    if not recipients:
        return SendResult(Outcome.CONTENT_INVALID, code="no_recipient")
    hand = partial(hand_over, server, before_data=lambda: mark_handing(delivery))
    result = hand(replace(mail, recipients=recipients))
    if result.code != "too_large":
        return result
    smaller = write(most_bytes=0)
    if len(smaller.raw) >= len(mail.raw):
        return result
    return hand(replace(smaller, recipients=recipients))


def _recipients(delivery: Delivery, everybody: Sequence[str]) -> list[str]:
    """Who of everybody has not been taken yet, and has no delivery apart."""
    if delivery.only_to:
        return [delivery.only_to]
    apart = Delivery.objects.apart().filter(message=delivery.message_id)
    others = {*delivery.taken, *apart.values_list("only_to", flat=True)}
    return [address for address in everybody if address not in others]
