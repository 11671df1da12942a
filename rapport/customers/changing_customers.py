"""Changing customers: their name, language, time zone, and what else is kept of them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.customers.defining_attributes import fit_value
from rapport.customers.events import CustomerChanged
from rapport.customers.locking import locked_customer
from rapport.customers.models import Attribute, Customer, Organisation
from rapport.kernel import journal
from rapport.kernel.actors import Actor

#: A language as BCP 47 writes it: en, pl, zh-Hant, pt-BR.
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
MOST_NAME, MOST_LANGUAGE = 200, 12
#: Attributes of one customer: how many, how long their names, how deep and how large (bytes of JSON) together.
MOST_ATTRIBUTES, MOST_KEY, DEPTH, MOST_BYTES = 100, 100, 8, 16_384


class Unfit(ValueError):
    """A value does not fit; `field` names it, the text says how."""

    def __init__(self, field: str, words: Any) -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


def change_customer(
    customer: Customer,
    *,
    by: Actor,
    name: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    organisation: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Customer:
    """Write what is given; None leaves a field as it is. The same again changes and records nothing.

    `organisation` is a name ("" for none), made where there is none such. `attributes` are merged with
    those that stand; one that is None goes, one that is defined must be of its type.
    Raises NotAllowed, Unfit, MergedAway.
    """
    with locked_customer(customer, by=by) as fresh:
        wanted: dict[str, Any] = {
            "name": None if name is None else _fit_name(name),
            "language": None if language is None else _fit_language(language),
            "time_zone": None if time_zone is None else _fit_zone(time_zone),
        }
        before = fresh.organisation
        changed = [f for f, v in wanted.items() if v is not None and v != getattr(fresh, f)]
        for field in changed:
            setattr(fresh, field, wanted[field])
        if organisation is not None:
            fresh.organisation = _organisation_named(organisation, before)
            changed += ["organisation"] if fresh.organisation != before else []
        changed += _merge_attributes(fresh, attributes or {})
        if changed:
            fresh.save(update_fields=[*wanted, "organisation", "attributes"])
            journal.record(CustomerChanged(by=by, customer=fresh.pk, changed=tuple(changed)))
    for field in (*wanted, "organisation", "attributes"):
        setattr(customer, field, getattr(fresh, field))
    return customer


def _merge_attributes(customer: Customer, given: Mapping[str, Any]) -> list[str]:
    """Merge into the row's attributes; returns the names of those that are other now."""
    before = dict(customer.attributes)
    given = _typed(given)
    merged = {key: value for key, value in {**before, **given}.items() if value is not None}
    for key, value in given.items():
        if not 1 <= len(key) <= MOST_KEY or not _is_storable(key) or not _is_storable(value):
            raise Unfit("attributes", _("Names and values must be plain JSON of modest depth."))
    if len(merged) > MOST_ATTRIBUTES or len(json.dumps(merged).encode()) > MOST_BYTES:
        raise Unfit("attributes", _("These are more attributes than a customer may have."))
    customer.attributes = merged
    names = sorted(before.keys() | merged.keys())
    return [f"attributes.{key}" for key in names if before.get(key) != merged.get(key)]


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are defined, as their type keeps them; the others as they are."""
    typed = dict(given)
    defined = Attribute.objects.filter(key__in=list(given)) if given else ()
    for attribute in defined:
        try:
            typed[attribute.key] = fit_value(attribute, given[attribute.key])
        except (ValueError, TypeError, OverflowError):
            words = _("“{value}” does not fit {label}.")
            shown = str(given[attribute.key])[:60]
            raise Unfit(
                f"attributes.{attribute.key}", words.format(value=shown, label=attribute.label)
            ) from None
    return typed


def _organisation_named(name: str, before: Organisation | None) -> Organisation | None:
    """The organisation of this name; the one that stands where it is called so, whatever the case."""
    fit = " ".join(name.split())
    if len(fit) > MOST_NAME or not _is_storable(fit):
        raise Unfit(
            "organisation", _("The name is too long, or holds characters that cannot be kept.")
        )
    if not fit or (before and before.name.lower() == fit.lower()):
        return before if fit else None
    known = Organisation.objects.alias(folded=Lower("name")).filter(folded=Lower(Value(fit)))
    return known.order_by("pk").first() or Organisation.objects.create(name=fit)


def _is_storable(value: Any, depth: int = DEPTH) -> bool:
    """Whether PostgreSQL keeps it: no NUL, no half of a pair, no number that is none, not too deep."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 10**100
    if depth == 0:
        return value is None
    if isinstance(value, dict):
        pairs = (part for pair in value.items() for part in pair)
        return all(_is_storable(part, depth - 1) for part in pairs)
    if isinstance(value, list):
        return all(_is_storable(part, depth - 1) for part in value)
    return value is None


def _fit_name(name: str) -> str:
    fit = " ".join(name.split())
    if len(fit) > MOST_NAME or not _is_storable(fit):
        raise Unfit("name", _("The name is too long, or holds characters that cannot be kept."))
    return fit


def _fit_language(language: str) -> str:
    if language and (len(language) > MOST_LANGUAGE or not LANGUAGE.fullmatch(language)):
        raise Unfit("language", _("Give a language as BCP 47 writes it, such as pl or zh-Hant."))
    return language


def _fit_zone(time_zone: str) -> str:
    if time_zone and time_zone not in _zones():
        raise Unfit("time_zone", _("Give a time zone by its name, such as Europe/Warsaw."))
    return time_zone


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
