"""`/envelopes`: what arrived, as it arrived; for admins and leads."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import F, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from ninja import Router

from rapport.accounts.models import Agent
from rapport.channels.models import Envelope
from rapport.channels.replaying import replay_envelope
from rapport.web.api.loading import one_of
from rapport.web.api.paging import cut_page
from rapport.web.api.problems import Problem
from rapport.web.api.shapes import ANSWERS_A_FILE, EnvelopePage, EnvelopeShape, Limit, Short
from rapport.web.api.signing_in import caller

router = Router(tags=["envelopes"])


@router.get("", response=EnvelopePage, operation_id="list_envelopes")
def list_envelopes(
    request: HttpRequest,
    state: Literal["waiting", "done", "parked"] | None = None,
    cursor: Short | None = None,
    limit: Limit = 50,
) -> Any:
    """Newest first."""
    _lead(request, "envelopes:read")
    rows = _rows() if state is None else _rows().filter(state=state)
    return cut_page(rows, by=("id",), cursor=cursor, limit=limit, shape=_shape)


@router.get("/{int:number}", response=EnvelopeShape, operation_id="get_envelope")
def get_envelope(request: HttpRequest, number: int) -> Any:
    """One arrival."""
    _lead(request, "envelopes:read")
    return _shape(one_of(_rows(), number))


@router.get("/{int:number}/raw", operation_id="get_raw", openapi_extra=ANSWERS_A_FILE)
def get_raw(request: HttpRequest, number: int) -> Any:
    """Its bytes as they came."""
    _lead(request, "envelopes:read")
    envelope: Envelope = one_of(Envelope.objects.all(), number)
    answer = HttpResponse(bytes(envelope.raw), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="envelope-{number}.bin"'
    return answer


@router.post("/{int:number}/replay", response=EnvelopeShape, operation_id="replay_envelope")
def replay(request: HttpRequest, number: int) -> Any:
    """Let a parked one be tried again."""
    agent = _lead(request, "envelopes:write")
    replay_envelope(one_of(Envelope.objects.all(), number), by=agent.actor)
    return _shape(one_of(_rows(), number))


def _lead(request: HttpRequest, scope: str) -> Agent:
    agent = caller(request, scope)
    if not agent.is_lead:
        raise Problem(403, "not_allowed", "Only leads and admins see arrivals.")
    return agent


def _rows() -> QuerySet[Envelope]:
    return Envelope.objects.defer("raw").annotate(size=Length(F("raw")))


def _shape(row: Any) -> EnvelopeShape:
    return EnvelopeShape(
        id=row.pk,
        channel=row.channel_id,
        event_id=row.event_id,
        door=row.door,
        state=row.state,
        error=row.error,
        attempts=row.attempts,
        size=row.size,
        message=row.message_id,
        received_at=row.received_at,
    )
