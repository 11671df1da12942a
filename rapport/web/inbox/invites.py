"""Invites: a calendar entry in a mail, as a card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rapport.web.kit.moments import say_moment
from rapport.web.kit.stencils import Stencil

INVITE, LINE = (Stencil(f"inbox/messages/_{name}.html") for name in ("invite", "line"))


def draw_invite(invite: Mapping[str, Any], *, now: datetime) -> SafeString:
    """The card: what, when (as the reader says it), where, from whom, and whether it was called off."""
    lines = []
    if where := invite.get("location"):
        lines.append(LINE(css="soft", words=where))
    if organizer := invite.get("organizer"):
        lines.append(LINE(css="soft", words=gettext("from {who}").format(who=organizer)))
    if invite.get("method") == "CANCEL" or invite.get("status") == "CANCELLED":
        lines.append(LINE(css="bad", words=gettext("called off")))
    return INVITE(
        what=invite.get("summary") or gettext("Invitation"),
        said=_said(str(invite.get("starts", "")), now),
        rest=mark_safe("".join(lines)),  # noqa: S308 - stencils escape
    )


def _said(starts: str, now: datetime) -> str:
    """A bare date is a whole day; a time without a zone is the sender's own and said as it stands."""
    try:
        moment = parse_datetime(starts) if "T" in starts else None
    except ValueError:
        moment = None
    return say_moment(moment, now=now) if moment and moment.tzinfo else starts.replace("T", " ")
