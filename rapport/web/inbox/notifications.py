"""Notifications: what the reader should hear of, the newest first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from rapport.conversations.reading_notifications import (
    mark_notifications_read,
    notifications_of,
)
from rapport.conversations.telling_why import say_why
from rapport.web.inbox.bell import bell_fragment
from rapport.web.kit.fragments import Fragment, answer
from rapport.web.kit.verbs import SignedIn, verbs


def show(request: SignedIn) -> HttpResponse:
    """The page."""
    return render(request, "inbox/notifications/index.html", {"rows": _rows(request)})


def read_all(request: SignedIn) -> HttpResponse:
    """Mark all of them as read."""
    mark_notifications_read(request.user)
    rows = Fragment(
        "inbox/notifications/_rows.html", {"rows": _rows(request)}, into="notifications"
    )
    here = reverse("inbox:notifications")
    return answer(request, rows, bell_fragment(request), otherwise=here)


def _rows(request: SignedIn) -> list[dict[str, object]]:
    return [
        {
            "told": each,
            "why": say_why(each),
            "conversation": each.conversation,
            "anchor": f"#message_{each.message_id}" if each.message_id else "",
        }
        for each in notifications_of(request.user)
    ]


notifications = verbs(get=show, post=read_all)
