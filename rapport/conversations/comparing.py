"""Comparing: what a stated condition means of the conversation `c`, in the words of the database.

Whatever somebody typed travels as a parameter; into the text go only words of our own and numbers of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rapport.conversations.marking_read import UNREAD
from rapport.conversations.stating_conditions import (
    ABOVE,
    AFTER,
    BEFORE,
    CONTAINS,
    ID,
    PRIORITIES,
    SPAN,
    UNITS,
    Condition,
)

OPERATORS = {"is": "=", "above": ">", "least": ">=", "below": "<", "most": "<="}
#: What a `mark` means.
MARKED = {
    "unanswered": "c.waiting_since IS NOT NULL",
    "watched": "c.id IN (SELECT f.conversation_id FROM conversations_follow f"
    " WHERE f.agent_id = %(me)s)",
    "mentioned": "c.id IN (SELECT s.conversation_id FROM conversations_mention n"
    " JOIN conversations_message s ON s.id = n.message_id WHERE n.agent_id = %(me)s)",
    "draft": "c.id IN (SELECT d.conversation_id FROM conversations_draft d"
    " WHERE d.agent_id = %(me)s)",
    "unread": f"({UNREAD})",
}
_OF_CUSTOMER = "EXISTS (SELECT FROM customers_customer u WHERE u.id = c.customer_id AND {met})"
_NAMED = {
    "owner": "c.assignee_id",
    "team": "c.team_id",
    "channel": "c.channel_id",
    "brand": "c.brand_id",
}
_TAGGED = "c.id IN (SELECT g.conversation_id FROM conversations_tagging g WHERE g.tag_id = {tag})"
_UNTAGGED = "NOT EXISTS (SELECT FROM conversations_tagging g WHERE g.conversation_id = c.id)"
_EMPLOYED = (
    "c.customer_id IN (SELECT u.id FROM customers_customer u WHERE u.organisation_id = {org})"
)
_MAILED = (
    "c.customer_id = (SELECT i.customer_id FROM customers_identity i"
    " WHERE i.kind = 'email' AND i.value = {address})"
)
_CALLED = (
    "EXISTS (SELECT FROM customers_customer u WHERE u.id = c.customer_id AND (u.name ILIKE {like}"
    " OR EXISTS (SELECT FROM customers_identity i WHERE i.customer_id = u.id AND i.value ILIKE {like})))"
)
_NUMBER = (
    "CASE WHEN u.attributes ->> {key} ~ '^-?[0-9]{{1,15}}([.][0-9]+)?$'"
    " THEN (u.attributes ->> {key})::numeric END"
)


@dataclass
class Values:
    """The parameters of one filter, named so that several filters can stand in one statement."""

    prefix: str
    now: datetime
    zone: ZoneInfo
    named: dict[str, Any] = field(default_factory=dict)
    is_timed: bool = False

    def put(self, value: Any, kind: str = "text") -> str:
        """The placeholder of a value."""
        name = f"{self.prefix}{len(self.named)}"
        self.named[name] = value
        return f"%({name})s::{kind}"

    def ago(self, span: str) -> datetime:
        """So long before this minute; it moves on with the clock."""
        self.is_timed = True
        found = SPAN.fullmatch(span)
        seconds = int(found[1]) * UNITS[found[2].lower()] if found else 0
        return self.now.replace(second=0, microsecond=0) - timedelta(seconds=seconds)

    def moment(self, value: str) -> datetime:
        """A day's beginning or a moment, where the reader lives."""
        if SPAN.fullmatch(value):
            return self.ago(value)
        if value in ("today", "yesterday"):
            self.is_timed = True
            day = self.now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
            return day if value == "today" else day - timedelta(days=1)
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


def compare(condition: Condition, values: Values) -> str:
    """What must hold of `c` for the condition as it is stated, whether it is negated or not."""
    number = condition.number
    if condition.field == "state":
        return f"c.state = '{condition.value}'"
    if condition.field == "mark":
        return MARKED[condition.value]
    if condition.field == "tag":
        return _UNTAGGED if condition.value == "none" else _TAGGED.format(tag=number or 0)
    if condition.field == "organisation":
        if condition.value == "none":
            return _OF_CUSTOMER.format(met="u.organisation_id IS NULL")
        return _EMPLOYED.format(org=number or 0)
    if condition.field in _NAMED:
        return _compare_owner(_NAMED[condition.field], condition.value, number)
    if condition.field == "priority":
        return f"c.priority {OPERATORS[condition.operator]} {PRIORITIES[condition.value]}"
    if condition.field in ("waiting", "last", "created"):
        return _compare_time(condition, values)
    return _compare_words(condition, values)


def _compare_owner(column: str, value: str, number: int | None) -> str:
    if number is not None:
        return f"{column} = {number}"
    return {
        "me": f"{column} = %(me)s",
        "mine": f"{column} = ANY(%(mine)s::bigint[])",
        "anybody": f"{column} IS NOT NULL",
    }.get(value, f"{column} IS NULL")


def _compare_time(condition: Condition, values: Values) -> str:
    if condition.field == "waiting":
        sign = "<" if condition.operator == ABOVE else ">"
        return f"c.waiting_since {sign} {values.put(values.ago(condition.value), 'timestamptz')}"
    column = "c.opened_at" if condition.field == "created" else "c.last_message_at"
    sign = {BEFORE: "<", AFTER: ">="}[condition.operator]
    return f"{column} {sign} {values.put(values.moment(condition.value), 'timestamptz')}"


def _compare_words(condition: Condition, values: Values) -> str:
    value = condition.value
    if condition.field == "kind":
        return f"c.channel_kind = {values.put(value.lower())}"
    if condition.field == "subject":
        return f"c.subject ILIKE {values.put(within(value))}"
    if condition.field == "attribute":
        return _compare_attribute(condition, values)
    if condition.field == "from":
        return _compare_customer(value, values)
    if value == "none":
        return "c.language = ''"
    language = value.lower()
    longer = values.put(beginning(language + "-"))
    return f"(lower(c.language) = {values.put(language)} OR lower(c.language) LIKE {longer})"


def _compare_customer(value: str, values: Values) -> str:
    if number := ID.fullmatch(value):
        return f"c.customer_id = {int(number[1])}"
    if is_address(value):
        return _MAILED.format(address=values.put(value.casefold()))
    return _CALLED.format(like=values.put(within(value)))


def _compare_attribute(condition: Condition, values: Values) -> str:
    key, value = values.put(condition.key), condition.value
    if value == "*":
        return _OF_CUSTOMER.format(met=f"u.attributes ? {key}")
    if condition.operator == CONTAINS:
        return _OF_CUSTOMER.format(met=f"u.attributes ->> {key} ILIKE {values.put(within(value))}")
    if condition.operator == "is":
        return _OF_CUSTOMER.format(
            met=f"lower(u.attributes ->> {key}) = lower({values.put(value)})"
        )
    number = (
        f"{_NUMBER.format(key=key)} {OPERATORS[condition.operator]} {values.put(value)}::numeric"
    )
    return _OF_CUSTOMER.format(met=number)


def is_address(value: str) -> bool:
    """Whether it names one customer by a whole mail address, and not all of a domain."""
    return "@" in value.strip("@") and not value.startswith("@")


def within(text: str) -> str:
    """A pattern for what contains the text."""
    return f"%{_escaped(text)}%"


def beginning(text: str) -> str:
    """A pattern for what begins with the text."""
    return f"{_escaped(text)}%"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
