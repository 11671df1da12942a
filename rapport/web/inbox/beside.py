"""Beside: the threads in which somebody is asked about a conversation, drawn for their place below it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from rapport.conversations.asking_aside import Expert, experts_of
from rapport.conversations.events import AskedAside
from rapport.conversations.models import Conversation, Message
from rapport.kernel import clock
from rapport.kernel.asking import Question
from rapport.kernel.journal.catching_up import News
from rapport.web.inbox.loading import Opened
from rapport.web.inbox.reading import Spoken, aside_question, read_aside
from rapport.web.inbox.timeline import Stretch, spoken_stretches
from rapport.web.kit.fragments import Fragment
from rapport.web.kit.verbs import SignedIn

#: So many of their messages are shown beside the conversation.
MOST = 100


@dataclass(frozen=True, slots=True)
class Side:
    """A thread aside: who is asked, and what was said, drawn."""

    id: int
    subject: str
    people: str
    count: int
    stretches: Sequence[Stretch]
    key: str


def sides_questions(opened: Opened) -> list[Question]:
    """What `sides_of` asks for the words."""
    return [aside_question(opened.sides, limit=MOST)] if opened.sides else []


def sides_of(opened: Opened) -> list[Side]:
    """The threads aside of an opened conversation, oldest first; as many queries for one as for ten."""
    if not opened.sides:
        return []
    spoken = {each.id: each for each in read_aside(opened.sides, limit=MOST)}
    said: dict[int, list[Spoken]] = {}
    homes = Message.objects.filter(pk__in=spoken).values_list("conversation_id", "pk")
    for home, number in homes.order_by("sent_at", "pk"):
        said.setdefault(home, []).append(spoken[number])
    asked = experts_of(opened.sides)
    found = Conversation.objects.filter(pk__in=opened.sides).order_by("pk")
    return [_side(each, asked.get(each.pk, []), said.get(each.pk, [])) for each in found]


def _side(side: Conversation, experts: Sequence[Expert], spoken: Sequence[Spoken]) -> Side:
    names = [each["name"] or each["address"] for each in experts]
    return Side(
        side.pk,
        side.subject,
        ", ".join(names) or gettext("colleagues"),
        side.message_count,
        spoken_stretches(spoken, now=clock.now()),
        secrets.token_hex(16),
    )


def sides_fragment(request: SignedIn, opened: Opened) -> Fragment:
    """All threads aside for their place below the conversation."""
    context = {"sides": sides_of(opened), "may_work": request.user.may_work}
    return Fragment("inbox/sides/_sides.html", context, into="sides")


def aside_fragments(
    request: SignedIn, opened: Opened, *, news: Sequence[News] | None
) -> list[Fragment]:
    """The threads that changed, their words alone: somebody may be writing below them; all with a new one."""
    begun = news is None or any(
        each.kind == AskedAside.kind and each.subject_id == opened.conversation.pk for each in news
    )
    if begun:
        return [sides_fragment(request, opened)]
    moved = {each.subject_id for each in news or ()}.intersection(opened.sides)
    return [
        Fragment("inbox/sides/_said.html", {"side": side}, into=f"side_{side.id}_said")
        for side in (sides_of(opened) if moved else ())
        if side.id in moved
    ]
