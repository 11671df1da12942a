"""Rows: a page of a list in one statement, each row drawn once for all who look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext, pgettext

from rapport.accounts.models import Agent
from rapport.conversations.marking_read import UNREAD
from rapport.conversations.models import Priority, State
from rapport.conversations.seeing import sight_of
from rapport.kernel import clock
from rapport.kernel.asking import Question, ask
from rapport.web.inbox.nearness import nearness_of
from rapport.web.inbox.orders import Order
from rapport.web.kit.faces import face_of
from rapport.web.kit.moments import say_exactly, say_moment_briefly, say_span
from rapport.web.kit.paging import Key
from rapport.web.kit.stencils import Stencil

ICONS = {"email": "mail", "webhook": "hook", "messenger": "chat", "phone": "phone"}
ROW, WAITING, TAG, STATE, COUNT, OWNER, NEWS, DRAFT, TONGUE = (
    Stencil(f"inbox/rows/_{name}.html")
    for name in (
        *("row", "waiting", "tag", "state", "count", "owner", "news"),
        *("draft", "tongue"),
    )
)
STATEMENT = """
SELECT c.id, c.subject, c.preview, c.state, c.priority, c.language, c.channel_kind,
       c.last_message_at, c.waiting_since, c.message_count, u.name, a.name,
       array_to_string(ARRAY(SELECT t.name FROM conversations_tagging g
                             JOIN conversations_tag t ON t.id = g.tag_id
                             WHERE g.conversation_id = c.id ORDER BY g.id), E'\\n'),
       {unread},
       EXISTS (SELECT FROM conversations_draft d
               WHERE d.conversation_id = c.id AND d.agent_id = %(me)s)
FROM {source} c
JOIN customers_customer u ON u.id = c.customer_id
LEFT JOIN accounts_agent a ON a.id = c.assignee_id
WHERE {where} AND {seen}
ORDER BY {order} LIMIT {limit}
"""
TABLE = "conversations_conversation"
#: What must be judged row by row is looked for among so many at a time.
REACH = 5_000
STRETCH = """(SELECT * FROM conversations_conversation c WHERE {where}
 ORDER BY {order} LIMIT {reach})"""
EDGE = """SELECT {columns} FROM conversations_conversation c WHERE {where}
ORDER BY {order} OFFSET {reach} LIMIT 1"""


class Place(Protocol):
    """What rows need to know of their shelf."""

    @property
    def name(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def judged(self) -> str: ...
    @property
    def all_of_it(self) -> str: ...
    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def order(self) -> Order: ...
    @property
    def hidden(self) -> frozenset[str]: ...


class Values(NamedTuple):
    """The columns of a row; `tags` stand one below the other."""

    id: int
    subject: str
    preview: str
    state: str
    priority: int
    language: str
    channel_kind: str
    last_message_at: datetime
    waiting_since: datetime | None
    message_count: int
    customer: str
    owner: str | None
    tags: str
    is_unread: bool
    has_draft: bool


class Row(NamedTuple):
    """A conversation's place on the shelf, and the HTML that stands there."""

    id: int
    at: datetime
    html: SafeString

    @property
    def key(self) -> Key:
        """Behind it the list goes on."""
        return Key(self.at, self.id)


def read_rows(
    agent: Agent,
    *,
    shelf: Place,
    limit: int,
    after: Key | None = None,
    among: Collection[int] | None = None,
) -> list[Row]:
    """The rows of a shelf in its order: behind a key, or only those of some conversations."""
    question = rows_question(agent, shelf=shelf, limit=limit, after=after, among=among)
    return draw_rows([Values(*values) for values in ask(*question)], shelf=shelf)


def rows_question(
    agent: Agent,
    *,
    shelf: Place,
    limit: int,
    after: Key | None = None,
    among: Collection[int] | None = None,
) -> Question:
    """What `read_rows` asks."""
    seen, parameters = sight_of(agent)
    parameters |= shelf.values
    source, where = TABLE, shelf.all_of_it
    if among is not None:
        where = f"c.id = ANY(%(among)s::bigint[]) AND {where}"
        parameters |= {"among": list(among)}
    elif shelf.judged:
        found, more = _behind(shelf, after)
        parameters |= more
        source = STRETCH.format(where=found, order=shelf.order.clause, reach=REACH)
        where = shelf.judged
    else:
        where, more = _behind(shelf, after)
        parameters |= more
    statement = STATEMENT.format(
        source=source,
        where=where,
        seen=seen,
        order=shelf.order.clause,
        limit=limit,
        unread=UNREAD,
    )
    return Question(statement, parameters)


def edge_question(shelf: Place, *, after: Key | None) -> Question:
    """Where the stretch ends that is looked at behind a key; nothing where it has all that is left."""
    where, parameters = _behind(shelf, after)
    columns = ", ".join(f"c.{column}" for column in (*shelf.order.columns, "id"))
    statement = EDGE.format(columns=columns, where=where, order=shelf.order.clause, reach=REACH - 1)
    return Question(statement, {**shelf.values, **parameters})


def _behind(shelf: Place, after: Key | None) -> Question:
    """What an index finds of the shelf, from the key on."""
    if after is None:
        return Question(shelf.where, {})
    behind = shelf.order.behind(after)
    return Question(f"{shelf.where} AND {behind.statement}", behind.parameters)


def draw_rows(found: list[Values], *, shelf: Place) -> list[Row]:
    """Draw them for this reader: once a day, and once a minute where a wait is told."""
    minute = clock.now().replace(second=0, microsecond=0)
    noon = minute.astimezone(timezone.get_current_timezone()).replace(hour=12, minute=0)
    base = reverse("inbox:index") + "conversations/"
    place = shelf.name, shelf.order, shelf.hidden
    reader = (get_language(), timezone.get_current_timezone_name(), base, *place)
    rows = []
    by_day, by_minute = (*reader, noon), (*reader, minute)
    for values in found:
        html = _draw(by_minute if values.waiting_since else by_day, values)
        rows.append(Row(values.id, shelf.order.moment_of(values), html))
    return rows


@lru_cache(maxsize=4096)
def _draw(reader: tuple[Any, ...], values: Values) -> SafeString:
    """`reader` is language, zone, base of addresses, shelf with its order, and time: all beside the row itself."""
    *_, base, shelf, order, hidden, now = reader
    key = Key(order.moment_of(values), values.id)
    last, language = values.last_message_at, values.language
    return ROW(
        id=values.id,
        order=str(key).partition(".")[0],
        unread=" row--unread" if values.is_unread else "",
        pick=gettext("Choose {name}").format(name=values.customer or gettext("No name")),
        news=NEWS(word=gettext("unread")) if values.is_unread else "",
        href=f"{base}C-{values.id}?shelf={shelf}",
        who=values.customer or gettext("No name"),
        lang=format_html(' lang="{}"', language) if language else "",
        count=COUNT(count=values.message_count) if values.message_count > 1 else "",
        iso=last.isoformat(timespec="seconds"),
        exact=say_exactly(last),
        when=say_moment_briefly(last, now=now),
        subject=values.subject or gettext("No subject"),
        words="" if "preview" in hidden else values.preview,
        icon=ICONS.get(values.channel_kind, "chat"),
        foot=_foot(values, hidden=hidden, now=now),
    )


def _foot(values: Values, *, hidden: frozenset[str], now: datetime) -> SafeString:
    """How long the customer waits, what state and how pressing it is, tags, owner."""
    parts = []
    since = None if "waiting" in hidden else values.waiting_since
    if since:
        wait = (now - since).total_seconds()
        due, word = nearness_of(wait)
        iso, said = since.isoformat(timespec="seconds"), say_span(wait)
        parts.append(
            WAITING(due=due, title=word, word=gettext("waiting"), iso=iso, said=said, near=word)
        )
    if values.has_draft:
        parts.append(DRAFT(word=pgettext("on a row of the list", "draft")))
    if values.state != State.OPEN:
        parts.append(STATE(name=State(values.state).label))
    if values.priority > Priority.NORMAL and "priority" not in hidden:
        parts.append(TAG(css="tag--warn", name=Priority(values.priority).label))
    if values.language and values.language.lower() != get_language():
        parts.append(TONGUE(code=values.language, name=_tongue(values.language)))
    if "tags" not in hidden:
        parts += [TAG(css="", name=tag) for tag in values.tags.split("\n") if tag]
    if values.owner and "owner" not in hidden:
        face = face_of(values.owner)
        parts.append(OWNER(turn=face.turn, name=values.owner, signs=face.signs))
    return mark_safe("".join(parts))  # noqa: S308 - stencils escape


def _tongue(code: str) -> str:
    """The language's name for this reader; its code where nobody knows one."""
    try:
        return str(get_language_info(code.lower())["name_translated"])
    except KeyError:
        return code
