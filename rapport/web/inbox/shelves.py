"""Shelves: the lists an agent works through, and the order in which each is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.accounts.models import Agent
from rapport.conversations.comparing import MARKED
from rapport.kernel.asking import Question, ask
from rapport.web.inbox.orders import NEWEST, WAITING, Order
from rapport.web.inbox.rows import Row, edge_question, read_rows, rows_question
from rapport.web.kit.paging import Key, Page, cut_page

PAGE = 50
SHOWN = "c.state NOT IN ('spam', 'merged', 'side')"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A list: which conversations stand on it, in which order, what an empty one says.

    `where` is a condition on `c` that an index serves; `judged` ("" for nothing) is looked at row by row, within
    a stretch of bounded length; `values` are the parameters of both. `hidden` is what its rows do not show.
    """

    name: str
    title: str | Promise
    icon: str
    where: str
    empty: str | Promise
    order: Order = NEWEST
    is_counted: bool = True
    judged: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)
    hidden: frozenset[str] = frozenset()
    of_customers: bool = False
    of_glances: bool = False
    is_unspoken: bool = False

    @property
    def rising(self) -> bool:
        """Whether the least stands on top."""
        return self.order.rising

    @property
    def all_of_it(self) -> str:
        """The condition for all that stands here."""
        return f"{self.where} AND {self.judged}" if self.judged else self.where

    def page(self, agent: Agent, *, after: Key | None = None) -> Page[Row]:
        """One page of rows behind a key; one that is not full may go on behind what was looked at."""
        rows = read_rows(agent, shelf=self, after=after, limit=PAGE + 1)
        page = cut_page(rows, size=PAGE, key_of=lambda row: row.key)
        if page.after or not self.judged:
            return page
        for *columns, number in ask(*edge_question(self, after=after)):
            key = Key(self.order.moment_of_columns(tuple(columns)), number)
            return Page(rows, str(key), is_short=True)
        return page

    def questions(self, agent: Agent, *, after: Key | None = None) -> list[Question]:
        """What `page` asks."""
        asked = [rows_question(agent, shelf=self, after=after, limit=PAGE + 1)]
        return [*asked, edge_question(self, after=after)] if self.judged else asked

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
            order=WAITING,
        ),
        Shelf(
            "open",
            pgettext_lazy("list of conversations", "Open"),
            "chat",
            "c.state = 'open'",
            _("Everything that is not solved or asleep stands here."),
        ),
        Shelf(
            "mentions",
            pgettext_lazy("list of conversations", "Mentions"),
            "bell",
            f"{SHOWN} AND {MARKED['mentioned']}",
            _("Conversations in which a colleague calls you by @Name stand here."),
        ),
        Shelf(
            "watched",
            pgettext_lazy("list of conversations", "Watched"),
            "eye",
            f"{SHOWN} AND {MARKED['watched']}",
            _("What you watch stands here, whoever works on it."),
        ),
        Shelf(
            "drafts",
            pgettext_lazy("list of conversations", "Drafts"),
            "note",
            f"{SHOWN} AND {MARKED['draft']}",
            _("Conversations in which you have begun to write and have not sent stand here."),
            is_unspoken=True,
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
            "c.state NOT IN ('spam', 'merged', 'side')",
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
