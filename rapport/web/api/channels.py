"""`/channels/{id}/…`: what the system behind a webhook channel says later. Messages come in by the edge."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from ninja.security import HttpBearer
from pydantic import Field

from rapport.channels.contract import RawRequest, Refused
from rapport.channels.models import Channel
from rapport.channels.receiving import key_of
from rapport.channels.webhook.door import check_sender
from rapport.channels.webhook.payload import Contact
from rapport.channels.webhook.reporting import report_status, report_typing
from rapport.kernel import clock
from rapport.kernel.secrets import SecretUnreadable
from rapport.web.api.problems import Problem
from rapport.web.api.shapes import Moment, Short, Text


class ChannelAuth(HttpBearer):
    """The channel's token as a bearer, or a Standard Webhooks signature over the body."""

    def __call__(self, request: HttpRequest) -> Channel:
        match = request.resolver_match
        public_id = match.kwargs["channel"] if match else ""
        channel = Channel.objects.filter(kind="webhook", public_id=public_id).first()
        if channel is None:
            raise Http404
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = RawRequest(request.method or "", request.path, "", headers, request.body)
        try:
            check_sender(key_of(channel, secrets=channel.secrets), raw, now=clock.now())
        except SecretUnreadable:
            words = "The channel's secrets cannot be read here; come again."
            raise Problem(503, "secrets_away", words) from None
        except Refused as refused:
            raise Problem(refused.status, "not_signed_in", refused.reason) from None
        return channel

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Not asked: the whole request proves the sender."""


router = Router(tags=["channels"], auth=ChannelAuth())
Ref = Annotated[Text, Field(min_length=1, max_length=190)]


class StatusErrorShape(Schema):
    code: Short = ""
    message: Short = ""


class StatusShape(Schema):
    """How far a message of ours has come over there; `at` is when."""

    status: Literal["sent", "delivered", "read", "failed"]
    error: StatusErrorShape | None = None
    at: Moment | None = None


class StatusAnswerShape(Schema):
    """Where the delivery stands now: a later word may have been said before."""

    message_id: int
    status: str


class ContactShape(Schema):
    external_id: Ref | None = None
    email: Short | None = None
    phone: Short | None = None
    name: Short | None = None


class TypingShape(Schema):
    contact: ContactShape
    typing: bool = True


class TypingAnswerShape(Schema):
    """Whether there is an open conversation in which somebody could see it."""

    shown: bool


@router.post(
    "/{uuid:channel}/messages/{int:number}/status",
    response=StatusAnswerShape,
    operation_id="report_status",
)
def post_status(request: HttpRequest, channel: str, number: int, body: StatusShape) -> Any:
    """Say how far a message of ours has come. It moves forward only; the same again changes nothing."""
    error = " ".join(filter(None, [body.error.code, body.error.message])) if body.error else ""
    mine: Channel = request.auth  # type: ignore[attr-defined]
    delivery = None
    if number < 2**63:
        delivery = report_status(mine, number, status=body.status, error=error, at=body.at)
    if delivery is None:
        raise Http404
    return StatusAnswerShape(message_id=delivery.message_id, status=delivery.state)


@router.post("/{uuid:channel}/typing", response=TypingAnswerShape, operation_id="report_typing")
def post_typing(request: HttpRequest, channel: str, body: TypingShape) -> Any:
    """Say that a contact is typing; it fades after six seconds unless it is said again."""
    mine: Channel = request.auth  # type: ignore[attr-defined]
    contact = Contact(**body.contact.model_dump())
    if not any(
        (value or "").strip() for value in (contact.external_id, contact.email, contact.phone)
    ):
        raise Problem(422, "not_valid", "Give at least one of external_id, email, phone.")
    return TypingAnswerShape(shown=report_typing(mine, contact, is_typing=body.typing))
