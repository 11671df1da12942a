"""Shelves: the lists an agent works through, and the order in which each is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.accounts.models import Agent
from rapport.kernel.asking import Question
from rapport.web.inbox.rows import Row, read_rows, rows_question
from rapport.web.kit.paging import Key, Page, cut_page

PAGE = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """A list: which conversations stand on it (a condition on `c`), by what moment, what an empty one says."""

    name: str
    title: str | Promise
    icon: str
    where: str
    empty: str | Promise
    by: str = "last_message_at"
    rising: bool = False
    is_counted: bool = True

    def page(self, agent: Agent, *, after: Key | None = None) -> Page[Row]:
        """One page of rows behind a key."""
        rows = read_rows(agent, shelf=self, after=after, limit=PAGE + 1)
        return cut_page(rows, size=PAGE, key_of=lambda row: row.key)

    def question(self, agent: Agent, *, after: Key | None = None) -> Question:
        """What `page` asks."""
        return rows_question(agent, shelf=self, after=after, limit=PAGE + 1)

    def rows_among(self, agent: Agent, numbers: Collection[int]) -> list[Row]:
        """The rows of those of these conversations that stand here."""
        return read_rows(agent, shelf=self, among=numbers, limit=len(numbers)) if numbers else []


SHELVES: dict[str, Shelf] = {
    shelf.name: shelf
    for shelf in (
        Shelf(
            "mine",
            pgettext_lazy("list of conversations", "Mine"),
            "inbox",
            "c.state = 'open' AND c.assignee_id = %(me)s",
            _("Conversations that you take or are given stand here until they are solved."),
        ),
        Shelf(
            "unassigned",
            pgettext_lazy("list of conversations", "Unassigned"),
            "user",
            "c.state = 'open' AND c.assignee_id IS NULL",
            _("New conversations arrive here and stay until somebody takes them."),
        ),
        Shelf(
            "waiting",
            pgettext_lazy("list of conversations", "Waiting longest"),
            "clock",
            "c.state = 'open' AND c.waiting_since IS NOT NULL",
            _("Customers who wait for an answer stand here, the longest wait first."),
            by="waiting_since",
            rising=True,
        ),
        Shelf(
            "open",
            pgettext_lazy("list of conversations", "Open"),
            "chat",
            "c.state = 'open'",
            _("Everything that is not solved or asleep stands here."),
        ),
        Shelf(
            "snoozed",
            pgettext_lazy("list of conversations", "Snoozed"),
            "moon",
            "c.state = 'snoozed'",
            _("Conversations that sleep until a time, or until the customer writes, stand here."),
        ),
        Shelf(
            "solved",
            pgettext_lazy("list of conversations", "Solved"),
            "check",
            "c.state = 'solved'",
            _("What has been solved stands here; a later mail of the customer opens it again."),
            is_counted=False,
        ),
        Shelf(
            "all",
            pgettext_lazy("list of conversations", "All"),
            "book",
            "c.state NOT IN ('spam', 'merged')",
            _("Every conversation that you may see stands here, the newest first."),
            is_counted=False,
        ),
        Shelf(
            "spam",
            pgettext_lazy("list of conversations", "Spam"),
            "spam",
            "c.state = 'spam'",
            _("What somebody marked as spam stands here and can be taken back."),
            is_counted=False,
        ),
    )
}
