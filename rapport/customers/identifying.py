"""Identifying: an address becomes the customer whom it belongs to, known or new.

An identity belongs to one customer; two addresses are never joined here, whatever the names say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from rapport.customers.events import CustomerChanged
from rapport.customers.models import Customer, Identity
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.pg.locking import advisory_key

Key = tuple[str, str]
LEARNER = Actor.system("identifying")
KNOWN = """
SELECT identity.value, customer.id, customer.name
FROM customers_identity identity JOIN customers_customer customer ON customer.id = identity.customer_id
WHERE identity.kind = %s AND identity.value = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Address:
    """How somebody reached us: the kind and the normalised value of an identity, and their name."""

    kind: str
    value: str
    shown: str = ""
    name: str = ""
    language: str = ""
    is_verified: bool = False

    @property
    def key(self) -> Key:
        return self.kind, self.value


@dataclass(slots=True)
class Person:
    """A customer as far as recognising goes: no model, because a batch meets hundreds of them."""

    pk: int
    name: str

    @property
    def actor(self) -> Actor:
        return Actor("customer", self.pk, self.name)


def normalise_address(kind: str, value: str) -> str:
    """The form in which an identity is kept: mail addresses in lower case, phones as + and digits."""
    value = value.strip().replace("\x00", "")
    if kind == "phone":
        return _normal_phone(value)
    # Folding may lengthen: ﬃ becomes three letters.
    return (value.casefold() if kind == "email" else value)[:512]


def _normal_phone(value: str) -> str:
    """+48 (601) 555-014, 0048 601 555 014 and tel:+48601555014 are one number; words stay words."""
    bare = re.sub(r"[\s()./\u00a0\u2010-\u2015-]", "", value.removeprefix("tel:"))
    bare = unicodedata.normalize("NFKC", bare)
    return re.sub(r"^00(?=[1-9])", "+", bare)[:512]


def identify_customers(addresses: Iterable[Address]) -> dict[Key, Person]:
    """The customer of each address, in one round for all; unknown ones are made.

    Needs a transaction: two workers that meet the same new address wait for each other.
    """
    wanted: dict[Key, Address] = {}
    for address in addresses:
        wanted.setdefault(address.key, address)
    found = _known(wanted)
    unknown = {key: address for key, address in wanted.items() if key not in found}
    if unknown:
        lock_addresses(unknown)
        found |= _known(unknown)
        found |= _make({key: a for key, a in unknown.items() if key not in found})
    _learn_names(found, wanted)
    return found


def _known(wanted: Mapping[Key, Address]) -> dict[Key, Person]:
    by_kind: dict[str, list[str]] = {}
    for kind, value in wanted:
        by_kind.setdefault(kind, []).append(value)
    found: dict[Key, Person] = {}
    with connection.cursor() as cursor:
        for kind, values in by_kind.items():
            cursor.execute(KNOWN, [kind, values])
            for value, number, name in cursor.fetchall():
                found[kind, value] = Person(number, name)
    return found


def lock_addresses(wanted: Iterable[Key]) -> None:
    """Until the transaction ends nobody else makes a customer of one of these addresses."""
    keys = sorted(advisory_key("identity", f"{kind}:{value}") for kind, value in wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS keys (key)", [keys]
        )


def _make(missing: Mapping[Key, Address]) -> dict[Key, Person]:
    customers = Customer.objects.bulk_create(
        Customer(name=address.name[:200], language=address.language) for address in missing.values()
    )
    pairs = list(zip(missing.values(), customers, strict=True))
    Identity.objects.bulk_create(
        Identity(
            customer=customer,
            kind=address.kind,
            value=address.value,
            shown=(address.shown or address.value)[:512],
            is_verified=address.is_verified,
        )
        for address, customer in pairs
    )
    return {address.key: Person(customer.pk, customer.name) for address, customer in pairs}


def _learn_names(found: Mapping[Key, Person], wanted: Mapping[Key, Address]) -> None:
    """Fill in a name that was not known; never overwrite one."""
    for key, person in found.items():
        if not person.name and wanted[key].name:
            person.name = wanted[key].name[:200]
            nameless = Customer.objects.filter(pk=person.pk, name="")
            if nameless.update(name=person.name):
                journal.record(CustomerChanged(by=LEARNER, customer=person.pk, changed=("name",)))
