"""Merging people: two customers are one person. Parting undoes it at any time.

Addresses, notes and tags go over; of the facts whoever merges says which win. What they wrote about follows
in the same commit, where conversations are known.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.customers.events import CustomersMerged
from rapport.customers.locking import MergedAway, Refusal, locked_customers
from rapport.customers.models import Customer, CustomerMerge, CustomerTagging, Likeness
from rapport.kernel import journal
from rapport.kernel.actors import Actor

#: The facts beside the attributes, which are named `attributes.<name>`.
FIELDS = ("name", "language", "time_zone", "organisation_id")


class NotMergeable(Refusal):
    """Nobody can be merged with themselves."""

    message = _("A customer cannot be merged with themselves.")


class BothVerified(Refusal):
    """Each has proved an address: two people may share a device or a name. It must be meant."""

    message = _(
        "Both have addresses that were proved to be theirs. Make sure that it is one person."
    )


def merge_customers(
    source: Customer,
    *,
    into: Customer,
    by: Actor,
    take: Collection[str] = (),
    across_verified: bool = False,
) -> CustomerMerge:
    """Let `source` be `into` from now on: mail from any address of either finds `into`. Twice is once.

    `take` names the facts of `source` that win (of `FIELDS`, or `attributes.<name>`); the others fill only what is
    empty. Only a colleague may mean it across proved addresses: rules and machines are always refused.
    Raises NotMergeable, BothVerified, MergedAway, NotAllowed.
    """
    with locked_customers([source.pk, into.pk], by=by) as rows:
        leaving, target = rows[source.pk], rows[into.pk]
        standing: CustomerMerge | None = leaving.merges_away.standing().first()
        if standing and standing.target_id == target.pk:
            return standing
        _check_mergeable(leaving, target, meant=across_verified and by.kind == "agent")
        moved = _move_all(leaving, target, take=take, by=by)
        merge = CustomerMerge.objects.create(
            source=leaving, target=target, moved=moved, **CustomerMerge.done_by(by)
        )
        leaving.merged_into = target
        leaving.save(update_fields=["merged_into"])
        pair = sorted((leaving.pk, target.pk))
        Likeness.objects.filter(one=pair[0], other=pair[1]).delete()
        journal.record(CustomersMerged(by=by, customer=target.pk, other=leaving.pk, merge=merge.pk))
    return merge


def landing_of(customer: Customer) -> Customer:
    """Whom a customer is known as now, to the end of the chain."""
    here = Customer.objects.get(pk=customer.pk)
    while here.merged_into is not None:
        here = here.merged_into
    return here


def both_verified(one: Customer, other: Customer) -> bool:
    """Whether each of the two has proved an address."""
    return all(each.identities.filter(is_verified=True).exists() for each in (one, other))


def differing_facts(source: Customer, target: Customer) -> list[str]:
    """The names of the facts that both have, and not the same: somebody must say which wins."""
    mine, theirs = facts_of(source), facts_of(target)
    return [name for name in mine if name in theirs and mine[name] != theirs[name]]


def facts_of(customer: Customer) -> dict[str, Any]:
    """What is known of them, by name; empty ones are left out."""
    plain = {name: getattr(customer, name) for name in FIELDS}
    kept = {f"attributes.{name}": value for name, value in sorted(customer.attributes.items())}
    return {name: value for name, value in (plain | kept).items() if value not in ("", None)}


def put_fact(customer: Customer, name: str, value: Any) -> None:
    """Set one by its name; None takes an attribute away. The row is not saved."""
    key = name.removeprefix("attributes.")
    if key == name:
        setattr(customer, name, value if value is not None or name == "organisation_id" else "")
    elif value is None:
        customer.attributes.pop(key, None)
    else:
        customer.attributes[key] = value


def _check_mergeable(leaving: Customer, target: Customer, *, meant: bool) -> None:
    if leaving.pk == target.pk:
        raise NotMergeable
    if leaving.merged_into_id is not None or target.merged_into_id is not None:
        raise MergedAway
    if not meant and both_verified(leaving, target):
        raise BothVerified


def _move_all(
    leaving: Customer, target: Customer, *, take: Collection[str], by: Actor
) -> dict[str, Any]:
    """Bring over what belongs to them; returns what the way back needs."""
    identities = list(leaving.identities.order_by("pk").values_list("pk", flat=True))
    notes = list(leaving.notes.order_by("pk").values_list("pk", flat=True))
    leaving.identities.update(customer=target)
    leaving.notes.update(customer=target)
    # What the sender has told of both stays where it was first told.
    told = list(target.visits.exclude(key="").values_list("key", flat=True))
    visits = list(leaving.visits.exclude(key__in=told).order_by("pk").values_list("pk", flat=True))
    leaving.visits.filter(pk__in=visits).update(customer=target)
    there = target.taggings.values_list("tag_id", flat=True)
    copied = CustomerTagging.objects.bulk_create(
        CustomerTagging(customer=target, tag_id=tagging.tag_id, **CustomerTagging.done_by(by))
        for tagging in leaving.taggings.exclude(tag__in=list(there)).order_by("pk")
    )
    return {
        "identities": identities,
        "notes": notes,
        "visits": visits,
        "taggings": [row.pk for row in copied],
        "facts": _take_facts(leaving, target, take),
    }


def _take_facts(leaving: Customer, target: Customer, take: Collection[str]) -> dict[str, list[Any]]:
    """Each fact of the target that is other now: as it was, and as it is."""
    before, changed = facts_of(target), {}
    for name, value in facts_of(leaving).items():
        if (name not in before or name in take) and before.get(name) != value:
            changed[name] = [before.get(name), value]
            put_fact(target, name, value)
    target.save(update_fields=[*(f.removesuffix("_id") for f in FIELDS), "attributes"])
    return changed
