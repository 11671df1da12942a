"""Defining attributes: what the company keeps of each customer, and what a value of it may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import check_admin
from rapport.accounts.queueing import one_at_a_time
from rapport.customers.events import AttributeDefined, AttributeDropped
from rapport.customers.locking import Refusal
from rapport.customers.models import Attribute, AttributeType
from rapport.kernel import journal
from rapport.kernel.actors import Actor

KEY = re.compile(r"[a-z][a-z0-9_]{0,99}")
MOST, MOST_CHOICES, LONGEST = 60, 100, 100
YES, NO = {"true", "yes", "1", "on"}, {"false", "no", "0", "off"}


class BadDefinition(Refusal):
    """The key is no name for a program, or a choice has nothing to choose."""

    message = _(
        "The key consists of small letters, digits and _, and begins with a letter; "
        "a list needs something to choose."
    )


class KeyTaken(Refusal):
    """There is one already."""

    message = _("There is an attribute with this key already.")


class TooManyAttributes(Refusal):
    """Nobody would read them."""

    message = _("There are 60 attributes. Delete one that nobody needs.")


def define_attribute(
    attribute: Attribute | None,
    *,
    key: str,
    label: str,
    by: Actor,
    type: str = AttributeType.TEXT,
    choices: Sequence[str] = (),
) -> Attribute:
    """Make one or change it; its key stays what it was first. Values that stand are not touched.

    Raises BadDefinition, KeyTaken, TooManyAttributes, AdminsOnly.
    """
    tidy = list(dict.fromkeys(filter(None, (" ".join(each.split()) for each in choices))))
    label = " ".join(label.split())[:LONGEST]
    if not KEY.fullmatch(key) or not label or type not in AttributeType.values:
        raise BadDefinition
    if type == AttributeType.CHOICE and not 0 < len(tidy) <= MOST_CHOICES:
        raise BadDefinition
    with transaction.atomic():
        check_admin(by)
        one_at_a_time("attributes")
        if attribute is None:
            if Attribute.objects.filter(key=key).exists():
                raise KeyTaken
            if Attribute.objects.count() >= MOST:
                raise TooManyAttributes
            attribute = Attribute(key=key)
        attribute.label, attribute.type = label, type
        attribute.choices = tidy if type == AttributeType.CHOICE else []
        attribute.save()
        journal.record(AttributeDefined(by=by, number=attribute.pk, key=attribute.key))
    return attribute


def drop_attribute(attribute: Attribute, *, by: Actor) -> None:
    """It has no name and no type any longer; the values stay with the customers. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        gone, _rows = Attribute.objects.filter(pk=attribute.pk).delete()
        if gone:
            journal.record(AttributeDropped(by=by, number=attribute.pk or 0, key=attribute.key))


def fit_value(attribute: Attribute, value: Any) -> Any:
    """The value as its type keeps it; "" and None are none. Raises ValueError."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    fitted = _FITS[AttributeType(attribute.type)](value)
    if attribute.type == AttributeType.CHOICE and fitted not in attribute.choices:
        raise ValueError(value)
    return fitted


def _fit_text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2_000:
        raise ValueError(value)
    return value.strip()


def _fit_number(value: Any) -> int | float:
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, int | float):
        return value
    plain = str(value).strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?", plain):
        raise ValueError(value)
    return float(plain) if "." in plain else int(plain)


def _fit_truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in YES | NO:
        raise ValueError(value)
    return word in YES


def _fit_date(value: Any) -> str:
    return date.fromisoformat(str(value).strip()).isoformat()


def _fit_link(value: Any) -> str:
    text = str(value).strip()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(text) > 2_000:
        raise ValueError(value)
    return text


_FITS = {
    AttributeType.TEXT: _fit_text,
    AttributeType.NUMBER: _fit_number,
    AttributeType.TRUTH: _fit_truth,
    AttributeType.DATE: _fit_date,
    AttributeType.CHOICE: _fit_text,
    AttributeType.LINK: _fit_link,
}
