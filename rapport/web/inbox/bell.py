"""The bell: how much somebody has not read yet, and what the browser may say of the newest of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rapport.accounts.models import Agent
from rapport.conversations.models import Conversation
from rapport.conversations.reading_notifications import (
    MOST,
    Bell,
    Newest,
    bell_of,
    mark_notifications_read,
)
from rapport.conversations.telling_why import say_why
from rapport.web.kit.fragments import Fragment
from rapport.web.kit.verbs import SignedIn


@dataclass(frozen=True, slots=True)
class ShownBell:
    """As the template shows it; `newest` is 0 where the browser has nothing to tell."""

    count: str = ""
    label: str = ""
    newest: str = ""
    title: str = ""
    body: str = ""
    href: str = ""


def bell_for(request: HttpRequest, agent: Agent) -> Bell:
    """The bell of whoever asks, as it was when this request first wanted it."""
    bell: Bell | None = getattr(request, "bell", None)
    if bell is None:
        bell = request.bell = bell_of(agent)  # type: ignore[attr-defined]
    return bell


def shown_bell(request: HttpRequest, agent: Agent) -> ShownBell:
    """The bell in the reader's language."""
    count, _, newest = bell_for(request, agent)
    said = f"{MOST - 1}+" if count >= MOST else str(count or "")
    label = ngettext("{n} unread notification", "{n} unread notifications", count)
    label = label.format(n=said) if count else gettext("Notifications")
    return ShownBell(said, label, *(_told(newest) if newest else ()))


def bell_fragment(request: SignedIn) -> Fragment:
    """The bell for its place on the page."""
    context = {"bell": shown_bell(request, request.user)}
    return Fragment("inbox/notifications/_bell.html", context, into="bell")


def read_by_opening(request: SignedIn, conversation: Conversation) -> bool:
    """What is told of a conversation is read when it is opened; True where that changed the bell."""
    if request.method != "GET" or not bell_for(request, request.user).has_unread:
        return False
    if not mark_notifications_read(request.user, conversation=conversation):
        return False
    del request.bell  # type: ignore[attr-defined]
    return True


def _told(newest: Newest) -> tuple[str, str, str, str]:
    number = f"{newest.id}.{newest.times}"
    title = f"C-{newest.conversation}: {say_why(newest)}"
    return number, title, newest.subject, reverse("inbox:conversation", args=[newest.conversation])
