"""Building a filter: rows of field, operator and value in a form, read into conditions and drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rapport.accounts.models import Agent, Brand, Team
from rapport.channels.models import Channel
from rapport.channels.registry import KINDS
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Priority, State, Tag
from rapport.conversations.stating_conditions import FIELDS, Condition, state_condition
from rapport.conversations.wording_filters import read_filter, write_filter
from rapport.customers.models import Organisation

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_ROWS, MOST_OPTIONS = 40, 300
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class BuilderRow:
    """One row of the builder. Without `options` its value is typed; without `field` it is empty."""

    field: str = ""
    operator: str = ""
    value: str = ""
    key: str = ""
    operators: Sequence[Option] = ()
    options: Sequence[Option] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What a form says: conditions, and the faults of those that cannot be read."""

    conditions: tuple[Condition, ...]
    faults: tuple[str, ...] = ()
    unread: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def query(self) -> str:
        """The conditions as text."""
        return write_filter(self.conditions)


def read_form(form: QueryDict) -> Built:
    """The conditions of the rows, then of what was typed; one that is not complete yet is passed over."""
    columns = (form.getlist(name)[:MOST_ROWS] for name in ("field", "operator", "value", "key"))
    found: list[Condition] = []
    faults, unread = [], []
    for name, operator, value, key in zip_longest(*columns, fillvalue=""):
        if not name or name not in FIELDS:
            continue
        if not value.strip():
            unread.append((name, operator, value, key))
            continue
        try:
            found.append(_read_row(name, operator, value, key))
        except Refusal as refusal:
            faults.append(str(refusal))
            unread.append((name, operator, value, key))
    try:
        found += read_filter(form.get("q", "")).conditions
    except Refusal as refusal:
        faults.append(str(refusal))
    return Built(tuple(dict.fromkeys(found)), tuple(faults), tuple(unread))


def _read_row(name: str, operator: str, value: str, key: str) -> Condition:
    known = [code.lstrip("-") for code, _label in operators_of(name)]
    plain = operator.lstrip("-")
    chosen = plain if plain in known else known[0]
    return state_condition(
        name,
        chosen,
        value,
        is_negated=operator.startswith("-"),
        key=key if name == "attribute" else "",
    )


def rows_of(built: Built, *, spare: int = 1) -> list[BuilderRow]:
    """The rows to show: what was read, what could not be, and empty ones to go on with."""
    stated = [
        (c.field, f"{'-' * c.is_negated}{c.operator}", c.value, c.key) for c in built.conditions
    ]
    filled = [*stated, *built.unread]
    options = {name: options_of(name) for name in {name for name, *_rest in filled}}
    hints = _hints()
    return [
        *(
            BuilderRow(
                name, operator, value, key, operators_of(name), options[name], hints.get(name, "")
            )
            for name, operator, value, key in filled
        ),
        *[BuilderRow()] * spare,
    ]


def fields_offered() -> list[Option]:
    """The fields by what people call them."""
    return [
        ("state", _("State")),
        ("mark", _("Condition")),
        ("owner", _("Owner")),
        ("team", _("Team")),
        ("tag", _("Tag")),
        ("priority", _("Priority")),
        ("waiting", _("Waits for an answer")),
        ("last", _("Last message")),
        ("created", _("Opened")),
        ("from", _("Customer")),
        ("organisation", _("Organisation")),
        ("attribute", _("Attribute of the customer")),
        ("subject", _("Subject")),
        ("language", _("Language")),
        ("channel", _("Channel")),
        ("kind", _("Kind of channel")),
        ("brand", _("Brand")),
    ]


def operators_of(name: str) -> list[Option]:
    """What a field can be compared by; `-` stands before what must not be."""
    is_it = [("is", pgettext("filter", "is")), ("-is", pgettext("filter", "is not"))]
    has = [("contains", _("contains")), ("-contains", _("does not contain"))]
    if name in ("last", "created"):
        return [("before", _("before")), ("after", _("since"))]
    if name == "waiting":
        return [("above", _("longer than")), ("below", _("shorter than"))]
    if name == "subject":
        return has
    if name == "priority":
        return [*is_it, ("least", _("at least")), ("most", _("at most"))]
    if name == "attribute":
        return [*is_it, *has, ("above", _("more than")), ("below", _("less than"))]
    return is_it


def options_of(name: str) -> list[Option]:
    """What can be chosen for a field; nothing where it is typed."""
    if name == "state":
        return [(value, str(label)) for value, label in State.choices if value != State.SIDE]
    if name == "priority":
        return [(each.name.lower(), str(each.label)) for each in Priority]
    if name == "mark":
        return [
            (value, label) for value, label in _marks().items() if value in FIELDS["mark"].values
        ]
    if name == "kind":
        return [(kind, kind) for kind in KINDS]
    own = {
        "owner": [("me", _("Me")), ("nobody", _("Nobody")), ("anybody", _("Anybody"))],
        "team": [("mine", _("My teams")), ("none", _("No team"))],
        "tag": [("none", _("No tag"))],
        "brand": [("none", _("No brand"))],
        "organisation": [("none", _("No organisation"))],
    }.get(name, [])
    return [*own, *_numbered(_rows(name))]


def _marks() -> dict[str, str]:
    return {
        "unanswered": _("Waits for an answer"),
        "watched": _("Watched by me"),
        "mentioned": _("Mentions me"),
        "draft": _("Has a draft of mine"),
        "unread": _("Unread"),
    }


def _rows(name: str) -> QuerySet[Any] | None:
    return {
        "owner": Agent.objects.filter(is_active=True),
        "team": Team.objects.all(),
        "tag": Tag.objects.all(),
        "brand": Brand.objects.all(),
        "channel": Channel.objects.all(),
        "organisation": Organisation.objects.all(),
    }.get(name)


def _numbered(rows: QuerySet[Any] | None) -> Iterable[Option]:
    if rows is None:
        return []
    found = rows.order_by("name").values_list("pk", "name")[:MOST_OPTIONS]
    return [(f"#{number}", name) for number, name in found]


def _hints() -> dict[str, str]:
    return {
        "waiting": "4h",
        "last": "2026-11-01, 7d",
        "created": "2026-11-01, 7d",
        "from": "dora@example.com",
        "language": "pl",
    }
