"""The door of the generic webhook: proved by a signature or a token, named by the sender's own id."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from rapport.channels.contract import Arrival, ChannelKey, RawRequest, Refused, lane_of
from rapport.channels.webhook.payload import read_payload
from rapport.channels.webhook.signing import Unsigned, standing_secrets, verify


def open_door(channel: ChannelKey, request: RawRequest, *, now: datetime) -> list[Arrival]:
    """A signed message; the signed id is what makes a repetition known. Raises Refused."""
    message_id = _check_signature(channel, request, now=now)
    payload = read_payload(request.body)
    lane = lane_of(channel.id, payload.sender)
    return [Arrival(f"hook:{message_id}", request.body, lane, {"webhook-id": message_id})]


def open_api_door(channel: ChannelKey, request: RawRequest, *, now: datetime) -> list[Arrival]:
    """A message by the API, with the channel's token or signed; `external_id` names it. Raises Refused."""
    check_sender(channel, request, now=now)
    payload = read_payload(request.body, needs_external_id=True)
    lane = lane_of(channel.id, payload.sender)
    return [Arrival(f"api:{payload.external_id}", request.body, lane)]


def check_sender(channel: ChannelKey, request: RawRequest, *, now: datetime) -> None:
    """The channel's token, or a signature over the body; raises Refused."""
    if "authorization" in request.headers:
        _check_token(channel, request)
    else:
        _check_signature(channel, request, now=now)


def _check_signature(channel: ChannelKey, request: RawRequest, *, now: datetime) -> str:
    secrets = standing_secrets(channel.secrets.get("signing", ()), now=now)
    try:
        return verify(request.headers, request.body, secrets=secrets, now=now)
    except Unsigned as error:
        raise Refused(401, str(error)) from None


def _check_token(channel: ChannelKey, request: RawRequest) -> None:
    scheme, _, token = request.headers["authorization"].partition(" ")
    digest = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
    kept = str(channel.secrets.get("token_hash", ""))
    if scheme.lower() != "bearer" or not kept or not hmac.compare_digest(digest, kept):
        raise Refused(401, "The token is not one of this channel.")
