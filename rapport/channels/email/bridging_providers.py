"""Bridging providers: mail and delivery reports that providers such as Postmark or Mailgun post to us.

django-anymail knows their formats and signatures; every channel has its own address and its own secrets:
POST /anymail/<provider>/<public id of the channel>/inbound | inbound_mime | tracking
"""

from __future__ import annotations

import hashlib
import logging
from importlib import import_module
from io import BytesIO
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent, EventType
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rapport.channels.email.arriving import arrival_of
from rapport.channels.enveloping import store_envelopes
from rapport.channels.events import EnvelopeParked
from rapport.channels.explaining import coded
from rapport.channels.models import Channel, DeliveryState, Envelope, EnvelopeState
from rapport.channels.tracking import PROVIDER, find_delivery, track_delivery
from rapport.kernel import journal
from rapport.kernel.config import config
from rapport.kernel.pg.hushing import words_of

log = logging.getLogger("rapport.channels")
DOOR = "anymail"
#: The providers by their name in the address, with the beginning of anymail's class names.
PROVIDERS = {
    "amazon_ses": "AmazonSES",
    "brevo": "Brevo",
    "mailersend": "MailerSend",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "mailtrap": "Mailtrap",
    "mandrill": "Mandrill",
    "postal": "Postal",
    "postmark": "Postmark",
    "resend": "Resend",
    "sendgrid": "SendGrid",
    "sparkpost": "SparkPost",
    "unisender_go": "UnisenderGo",
}
STATES = {
    EventType.QUEUED: DeliveryState.ACCEPTED,
    EventType.SENT: DeliveryState.ACCEPTED,
    EventType.DELIVERED: DeliveryState.DELIVERED,
    EventType.OPENED: DeliveryState.READ,
    EventType.CLICKED: DeliveryState.READ,
    EventType.BOUNCED: DeliveryState.FAILED,
    EventType.REJECTED: DeliveryState.FAILED,
    EventType.FAILED: DeliveryState.FAILED,
}


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def take_webhook(request: HttpRequest, provider: str, public_id: str, what: str) -> HttpResponse:
    """Keep what the provider posts, then say so; 503 sends it away to come again."""
    try:
        channel = _channel_of(public_id)
        if channel is None or provider not in PROVIDERS:
            return HttpResponse("There is no such channel.", status=404)
        if request.method == "HEAD":
            return HttpResponse()
        if not _read_body(request):
            return HttpResponse("This is too large.", status=413)
        view = view_of(channel, provider, what)
        view.run_validators(request)
        take_events(channel, view.parse_events(request), body=request.body)
    except AnymailWebhookValidationFailure:
        return HttpResponse("This is not signed as it should be.", status=401)
    except (ImportError, ImproperlyConfigured, AnymailError) as error:
        log.warning("provider not set up: %s", error, extra={"provider": provider})
        return HttpResponse("This provider is not set up for this channel.", status=404)
    except (OperationalError, InterfaceError):
        return HttpResponse("Nothing can be stored just now; come again.", status=503)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning(
            "webhook not understood: %s", type(error).__name__, extra={"provider": provider}
        )
        return HttpResponse("This is not what the provider sends.", status=400)
    return HttpResponse()


def _channel_of(public_id: str) -> Channel | None:
    try:
        return Channel.objects.filter(kind="email", public_id=UUID(public_id)).first()
    except ValueError:  # hyphens and digits, and no such number
        return None


def view_of(channel: Channel, provider: str, what: str) -> Any:
    """Anymail's view of this provider with the channel's own secrets; raises ImportError."""
    module = import_module(f"anymail.webhooks.{provider}")
    kind = "Tracking" if what == "tracking" else "Inbound"
    name = PROVIDERS[provider]
    view = getattr(module, f"{name}{kind}WebhookView", None) or getattr(
        module, f"{name}CombinedWebhookView", None
    )
    if view is None:
        raise ImportError(f"{provider} has no {kind.lower()} webhook")
    secrets = channel.secrets
    given = {key: value for key, value in secrets.get("provider", {}).items() if hasattr(view, key)}
    basic = secrets.get("basic_auth") or [f"rapport:{channel.hook_secret}"]
    return view(webhook_secret=basic, **given)


def take_events(channel: Channel, events: list[Any], *, body: bytes) -> None:
    """Store the mails of one request in one commit, then apply what is said about our own."""
    mails = [event for event in events if isinstance(event, AnymailInboundEvent)]
    with transaction.atomic():
        arrivals = []
        for event in mails:
            try:
                arrivals.append(arrival_of(channel.pk, raw_of(event)))
            except Exception as error:
                log.exception("provider's mail parked", extra={"channel": channel.pk})
                _park(channel, body, error)
        store_envelopes(channel.pk, arrivals, door=DOOR)
    for event in events:
        if isinstance(event, AnymailTrackingEvent):
            _track(channel, event)


def raw_of(event: AnymailInboundEvent) -> bytes:
    """The mail as bytes, the same at every repetition: its parts get boundaries that do not change."""
    message = event.message
    for number, part in enumerate(message.walk()):
        if part.is_multipart() and part.get_boundary() is None and not _is_whole(part):
            part.set_boundary(f"=_provider_{number}")
    lines = [
        f"{name}: {''.join(value.split())}\n"
        for name, value in (
            ("Return-Path", f"<{event.message.envelope_sender}>"),
            ("Delivered-To", event.message.envelope_recipient or ""),
        )
        if value not in ("", "<None>")
    ]
    return "".join(lines).encode("utf-8", "replace") + bytes(message.as_bytes())


def _is_whole(part: Any) -> bool:
    return bool(part.get_content_maintype() == "message")


def _park(channel: Channel, body: bytes, error: Exception) -> None:
    words = coded("unreadable", words_of(error))[:2000]
    envelope, is_new = Envelope.objects.get_or_create(
        channel=channel,
        event_id=f"{DOOR}:{hashlib.sha256(body).hexdigest()}",
        defaults={
            "door": DOOR,
            "raw": body,
            "headers": {},
            "state": EnvelopeState.PARKED,
            "error": words,
        },
    )
    if is_new:
        journal.record(EnvelopeParked(by=PROVIDER, envelope=envelope.pk, error=words[:500]))


def _track(channel: Channel, event: AnymailTrackingEvent) -> None:
    state = STATES.get(event.event_type)
    delivery = find_delivery(channel, *_ids_of(event))
    if state is None or delivery is None:
        return
    words = event.mta_response or event.description or event.reject_reason or event.event_type
    track_delivery(
        delivery, state, address=event.recipient or "", error=str(words)[:1000], at=event.timestamp
    )


def _ids_of(event: AnymailTrackingEvent) -> list[str]:
    """Every id in the report that may be our Message-ID, without brackets."""
    told = event.esp_event if isinstance(event.esp_event, dict) else {}
    metadata = event.metadata or {}
    found = [event.message_id, metadata.get("message-id")]
    found += [told.get(name) for name in ("smtp-id", "message-id", "Message-ID", "message_id")]
    return [str(one).strip().strip("<>") for one in found if one]


def _read_body(request: HttpRequest) -> bool:
    """Read the body up to the limit of mails, which is larger than that of forms; False beyond it."""
    limit = config().max_mail_bytes * 2  # providers wrap mails in base64 and JSON
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isascii() and announced.isdigit() and int(announced) > limit:
        return False
    body = request.read(limit + 1)
    if len(body) > limit:
        return False
    request._body = body
    request._stream = BytesIO(body)
    return True
