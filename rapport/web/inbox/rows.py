"""Rows: a conversation in a list, as plain values, so that a page of fifty costs three queries and little time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rapport.conversations.models import Priority, State, Tagging
from rapport.conversations.models.conversation import ConversationQuerySet
from rapport.kernel import clock
from rapport.web.kit.faces import face_of
from rapport.web.kit.moments import say_exactly, say_moment_briefly, say_span
from rapport.web.kit.paging import Key
from rapport.web.kit.stencils import Stencil

ICONS = {"email": "mail", "webhook": "hook", "messenger": "chat", "phone": "phone"}
#: After so many seconds a wait is shown as soon to be, and as being, too long.
SOON, LATE = 4 * 3600, 24 * 3600
COLUMNS = (
    *("id", "subject", "preview", "state", "priority", "language", "channel_kind"),
    *("last_message_at", "waiting_since", "message_count", "customer_id", "customer__name"),
    *("assignee_id", "assignee__name"),
)


ROW, WAITING, TAG, STATE, COUNT, OWNER = (
    Stencil(f"inbox/rows/_{name}.html")
    for name in ("row", "waiting", "tag", "state", "count", "owner")
)


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation's place on the shelf, and the HTML that stands there."""

    id: int
    key: Key
    html: SafeString


def rows_of(
    conversations: ConversationQuerySet, *, shelf: str, by: str = "last_message_at"
) -> list[Row]:
    """The rows of some conversations in their order; `by` names the column that the order is about."""
    found = list(conversations.values(*COLUMNS))
    tags = tags_of(values["id"] for values in found)
    base = reverse("inbox:conversation", args=[1])[: -len("C-1")]
    now = clock.now()
    return [
        _row(values, at=values[by], tags=tags[values["id"]], base=base, shelf=shelf, now=now)
        for values in found
    ]


def tags_of(ids: Iterable[int]) -> dict[int, list[str]]:
    """The tags of some conversations by their ids."""
    tags: dict[int, list[str]] = defaultdict(list)
    wanted = list(ids)
    if wanted:
        taggings = Tagging.objects.filter(conversation_id__in=wanted).order_by("id")
        for conversation, name in taggings.values_list("conversation_id", "tag__name"):
            tags[conversation].append(name)
    return tags


def _row(
    values: dict[str, Any],
    *,
    at: datetime | None,
    tags: list[str],
    base: str,
    shelf: str,
    now: datetime,
) -> Row:
    number, last, count = values["id"], values["last_message_at"], values["message_count"]
    language = values["language"]
    key = Key(at or last, number)
    html = ROW(
        id=number,
        order=str(key).partition(".")[0],
        unread=" row--unread" if values["waiting_since"] else "",
        href=f"{base}C-{number}?shelf={shelf}",
        who=values["customer__name"] or gettext("No name"),
        lang=format_html(' lang="{}"', language) if language else "",
        count=COUNT(count=count) if count > 1 else "",
        iso=last.isoformat(timespec="seconds"),
        exact=say_exactly(last),
        when=say_moment_briefly(last, now=now),
        subject=values["subject"] or gettext("No subject"),
        words=values["preview"],
        icon=ICONS.get(values["channel_kind"], "chat"),
        foot=_foot(values, tags=tags, now=now),
    )
    return Row(number, key, html)


def _foot(values: dict[str, Any], *, tags: list[str], now: datetime) -> SafeString:
    """How long the customer waits, what state and how pressing it is, tags, owner."""
    parts = []
    if since := values["waiting_since"]:
        wait = (now - since).total_seconds()
        due = "due--late" if wait > LATE else "due--soon" if wait > SOON else ""
        iso = since.isoformat(timespec="seconds")
        parts.append(WAITING(due=due, word=gettext("waiting"), iso=iso, said=say_span(wait)))
    if values["state"] != State.OPEN:
        parts.append(STATE(name=State(values["state"]).label))
    if values["priority"] > Priority.NORMAL:
        parts.append(TAG(css="tag--warn", name=Priority(values["priority"]).label))
    parts += [TAG(css="", name=tag) for tag in tags]
    if name := values["assignee__name"]:
        face = face_of(name)
        parts.append(OWNER(turn=face.turn, name=name, signs=face.signs))
    return mark_safe("".join(parts))  # noqa: S308 - stencils escape
