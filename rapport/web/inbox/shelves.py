"""Shelves: the lists an agent works through, and the order in which each is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.accounts.models import Agent
from rapport.conversations.access import visible_to
from rapport.conversations.models import State
from rapport.conversations.models.conversation import ConversationQuerySet
from rapport.web.inbox.rows import Row, rows_of
from rapport.web.kit.paging import Key, Page, cut_page

PAGE = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """A list: which conversations stand on it, by what moment, and what an empty one says."""

    name: str
    title: str | Promise
    icon: str
    choose: Callable[[Agent], Q]
    empty: str | Promise
    by: str = "last_message_at"
    rising: bool = False
    is_counted: bool = True

    def conversations(self, agent: Agent) -> ConversationQuerySet:
        """Everything on the shelf that this agent may see, in the shelf's order."""
        sign = "" if self.rising else "-"
        chosen = visible_to(agent).filter(self.choose(agent))
        return chosen.order_by(f"{sign}{self.by}", f"{sign}id")

    def page(self, agent: Agent, *, after: Key | None = None) -> Page[Row]:
        """One page of rows behind a key."""
        found = self.conversations(agent)
        if after:
            found = found.filter(self._behind(after))
        rows = rows_of(found[: PAGE + 1], shelf=self.name, by=self.by)
        return cut_page(rows, size=PAGE, key_of=lambda row: row.key)

    def _behind(self, key: Key) -> Q:
        side = "gt" if self.rising else "lt"
        same = Q(**{self.by: key.at, f"id__{side}": key.id})
        # The first condition is implied by the rest; it is what the index can use.
        return Q(**{f"{self.by}__{side}e": key.at}) & (Q(**{f"{self.by}__{side}": key.at}) | same)


def _open(agent: Agent) -> Q:
    return Q(state=State.OPEN)


SHELVES: dict[str, Shelf] = {
    shelf.name: shelf
    for shelf in (
        Shelf(
            "mine",
            pgettext_lazy("list of conversations", "Mine"),
            "inbox",
            lambda agent: Q(state=State.OPEN, assignee=agent),
            _("Conversations that you take or are given stand here until they are solved."),
        ),
        Shelf(
            "unassigned",
            pgettext_lazy("list of conversations", "Unassigned"),
            "user",
            lambda agent: Q(state=State.OPEN, assignee=None),
            _("New conversations arrive here and stay until somebody takes them."),
        ),
        Shelf(
            "waiting",
            pgettext_lazy("list of conversations", "Waiting longest"),
            "clock",
            lambda agent: Q(state=State.OPEN, waiting_since__isnull=False),
            _("Customers who wait for an answer stand here, the longest wait first."),
            by="waiting_since",
            rising=True,
        ),
        Shelf(
            "open",
            pgettext_lazy("list of conversations", "Open"),
            "chat",
            _open,
            _("Everything that is not solved or asleep stands here."),
        ),
        Shelf(
            "snoozed",
            pgettext_lazy("list of conversations", "Snoozed"),
            "moon",
            lambda agent: Q(state=State.SNOOZED),
            _("Conversations that sleep until a time, or until the customer writes, stand here."),
        ),
        Shelf(
            "solved",
            pgettext_lazy("list of conversations", "Solved"),
            "check",
            lambda agent: Q(state=State.SOLVED),
            _("What has been solved stands here; a later mail of the customer opens it again."),
            is_counted=False,
        ),
        Shelf(
            "all",
            pgettext_lazy("list of conversations", "All"),
            "book",
            lambda agent: ~Q(state__in=[State.SPAM, State.MERGED]),
            _("Every conversation that you may see stands here, the newest first."),
            is_counted=False,
        ),
        Shelf(
            "spam",
            pgettext_lazy("list of conversations", "Spam"),
            "spam",
            lambda agent: Q(state=State.SPAM),
            _("What somebody marked as spam stands here and can be taken back."),
            is_counted=False,
        ),
    )
}
