"""Stating conditions: what somebody asks of conversations, piece by piece, each checked when it is said.

A condition is a field, an operator and a value, all plain texts: so it can be typed, kept, shown and sent.
What a value may be stands here; what it means in the database stands in `comparing`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from rapport.conversations.locking import Refusal
from rapport.conversations.models import Priority, State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_CONDITIONS, LONGEST_VALUE = 40, 200
#: Operators: `is` (the value, or has it), `least` and `most` include their value, `above` and `below` do not.
IS, ABOVE, LEAST, BELOW, MOST, BEFORE, AFTER, CONTAINS = (
    "is", "above", "least", "below", "most", "before", "after", "contains",
)  # fmt: skip
PRIORITIES = {choice.name.lower(): choice.value for choice in Priority}
#: What is asked of a conversation's state beside its state itself.
MARKS = ("unanswered", "unread", "watched", "mentioned", "draft")
#: Those that one reader has on few conversations, whatever the history.
OWN_MARKS = ("watched", "mentioned", "draft")
UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
SPAN = re.compile(r"(\d{1,4})\s?(min|[mhdw])", re.I)
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
ID = re.compile(r"#(\d{1,18})", re.A)
DAYS = ("today", "yesterday")


class BadFilter(Refusal):
    """A condition that nothing can be found by; the text names what is wrong with it."""

    def __init__(self, message: StrOrPromise, **said: object) -> None:
        super().__init__(message)
        self.message = format_lazy(message, **said) if said else message


@dataclass(frozen=True, slots=True)
class Field:
    """What can be asked for: its English `word`, further words, operators, fixed values, and how it is checked.

    `is_single` says that a conversation has only one value of it: several that are asked for are alternatives.
    """

    name: str
    word: str
    sort: str = "text"
    operators: tuple[str, ...] = (IS,)
    values: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_single: bool = True


FIELDS: dict[str, Field] = {
    each.name: each
    for each in (
        Field("state", "is", "choice", values=tuple(State.values), others=("state",)),
        Field("mark", "is", "choice", values=MARKS, is_single=False),
        Field("owner", "owner", "named", values=("me", "nobody", "anybody"), others=("assignee",)),
        Field("team", "team", "named", values=("mine", "none")),
        Field("tag", "tag", "named", values=("none",), is_single=False),
        Field("priority", "priority", "choice", (IS, LEAST, MOST, ABOVE, BELOW), tuple(PRIORITIES)),
        Field("channel", "channel", "named"),
        Field("kind", "kind", others=("via",)),
        Field("brand", "brand", "named", values=("none",)),
        Field("language", "language", values=("none",), others=("lang",)),
        Field("waiting", "waiting", "span", (ABOVE, BELOW), is_single=False),
        Field("last", "", "moment", (BEFORE, AFTER), is_single=False),
        Field("created", "created", "moment", (BEFORE, AFTER), is_single=False),
        Field("from", "from", others=("customer",)),
        Field("organisation", "org", "named", ("is",), ("none",), ("organisation", "organization")),
        Field(
            "attribute", "attr", "any", (IS, CONTAINS, ABOVE, LEAST, BELOW, MOST), is_single=False
        ),
        Field("subject", "subject", operators=(CONTAINS,), is_single=False),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """One of them. `key` names the attribute where the field is one; `#12` as a value is a row's number."""

    field: str
    operator: str
    value: str
    is_negated: bool = False
    key: str = ""

    @property
    def number(self) -> int | None:
        """The number of the row that it names, where it names one by its number."""
        found = ID.fullmatch(self.value)
        return int(found[1]) if found else None

    @property
    def is_settled(self) -> bool:
        """Whether nothing has to be looked up by its name."""
        about = FIELDS[self.field]
        return about.sort != "named" or self.number is not None or self.value in about.values


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that must all hold, and the words to look for that stood between them."""

    conditions: tuple[Condition, ...] = field(default_factory=tuple)
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.conditions)


def state_condition(
    name: str, operator: str, value: str, *, is_negated: bool = False, key: str = ""
) -> Condition:
    """A condition that can be asked. Raises BadFilter, which says what is wrong with it."""
    about = FIELDS.get(name)
    value = " ".join(value.split())
    if about is None:
        raise BadFilter(_("There is no field “{name}”."), name=name[:60])
    if operator not in about.operators:
        raise BadFilter(_("“{name}” cannot be compared so."), name=about.word or name)
    if not value or len(value) > LONGEST_VALUE or not value.isprintable():
        raise BadFilter(_("Say what “{name}” should be."), name=about.word or name)
    if name == "attribute" and not 0 < len(key) <= 100:
        raise BadFilter(_("Say which attribute: attr.plan:gold."))
    return Condition(name, operator, _fit(about, operator, value), is_negated, key)


def _fit(about: Field, operator: str, value: str) -> str:
    """The value as it is kept."""
    lower = value.casefold()
    if lower in about.values:
        return lower
    if about.sort == "choice":
        known = ", ".join(about.values)
        raise BadFilter(_("“{value}” is none of these: {known}."), value=value[:60], known=known)
    if about.sort == "span":
        if not SPAN.fullmatch(lower):
            raise BadFilter(_("“{value}” is no span. Write 30m, 4h, 3d or 2w."), value=value[:60])
        return lower.replace(" ", "")
    if about.sort == "moment":
        return _fit_moment(value, lower)
    is_number = about.sort == "any" and operator in (ABOVE, LEAST, BELOW, MOST)
    if is_number and not NUMBER.fullmatch(value):
        raise BadFilter(_("“{value}” is no number to compare with."), value=value[:60])
    return value


def _fit_moment(value: str, lower: str) -> str:
    if lower in DAYS or SPAN.fullmatch(lower):
        return lower.replace(" ", "")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise BadFilter(
            _("“{value}” is no date. Write 2026-11-01, or 7d for seven days ago."), value=value[:60]
        ) from None
    return value
