"""Digesting: one mail about what an agent has not read, as often as that agent wants it, and no oftener."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext, ngettext

from rapport.accounts.mailing import is_mail_set, queue_mail
from rapport.accounts.models import Agent
from rapport.conversations.access import visible_to
from rapport.conversations.models import Notification, NotificationChoice
from rapport.conversations.telling_why import say_why
from rapport.kernel import clock
from rapport.kernel.config import config

#: A mail tells no more than so many; the rest is counted.
MOST = 30


def mail_digests() -> int:
    """Mail everybody for whom it is time; returns how many mails. Two who do it at once send one each."""
    if not is_mail_set():
        return 0
    agents = _waiting().order_by("agent_id").values_list("agent_id", flat=True).distinct()
    return sum(mail_digest(Agent.objects.get(pk=number)) for number in list(agents))


def mail_digest(agent: Agent) -> bool:
    """One mail with what is unread and may still be seen, once the oldest of it has waited long enough."""
    with transaction.atomic():
        NotificationChoice.objects.get_or_create(agent=agent)
        choice = NotificationChoice.objects.select_for_update().get(agent=agent)
        if not choice.mail_minutes or not agent.may_see:
            return False
        seen = visible_to(agent).values("pk")
        found = _waiting().filter(agent=agent, conversation__in=seen)
        waiting = list(found.select_related("conversation").order_by("-at", "-pk"))
        due = clock.now() - timedelta(minutes=choice.mail_minutes)
        if not waiting or waiting[-1].at > due:
            return False
        _queue(agent, waiting, has_words=choice.has_words)
        Notification.objects.filter(pk__in=[each.pk for each in waiting]).update(
            mailed_at=clock.now()
        )
    return True


def _waiting() -> QuerySet[Notification]:
    return Notification.objects.filter(read_at=None, mailed_at=None, by_mail=True)


def _queue(agent: Agent, waiting: Sequence[Notification], *, has_words: bool) -> None:
    desk = config().public_url.rstrip("/")
    settings = f"{desk}/settings/profile/notifications"
    with translation.override(agent.language):
        count = len(waiting)
        subject = ngettext("{n} thing waits for you", "{n} things wait for you", count)
        lines = [gettext("Hello {name},").format(name=agent.name), ""]
        for each in waiting[:MOST]:
            link = f"{desk}/inbox/conversations/C-{each.conversation_id}"
            lines += [_line(each, has_words=has_words), link, ""]
        if count > MOST:
            more = ngettext("And {n} more:", "And {n} more:", count - MOST)
            lines += [more.format(n=count - MOST), f"{desk}/inbox/notifications", ""]
        lines += [
            gettext("How often such a mail comes, and what it tells, is chosen here:"),
            settings,
        ]
        queue_mail(
            to=agent.email,
            subject=subject.format(n=count),
            text="\n".join(lines),
            headers={"List-Unsubscribe": f"<{settings}>"},
        )


def _line(notification: Notification, *, has_words: bool) -> str:
    """Why, and the topic only for those who want customers' words in mails."""
    topic = notification.conversation.subject if has_words else ""
    said = f"C-{notification.conversation_id}: {say_why(notification)}"
    return f"{said}: {topic}" if topic else said
