"""Parting people: two customers who were merged were two people after all."""

from __future__ import annotations

from typing import Any

from rapport.customers.comparing import part_for_good
from rapport.customers.events import CustomersParted
from rapport.customers.locking import MergedAway, locked_customers
from rapport.customers.merging import FIELDS, facts_of, landing_of, put_fact
from rapport.customers.models import (
    Customer,
    CustomerMerge,
    CustomerNote,
    CustomerTagging,
    Identity,
    Visit,
)
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def part_customers(merge: CustomerMerge, *, by: Actor) -> Customer:
    """Let `source` be themselves again, as they were, with what came by their addresses since.

    Facts of the target that somebody changed since stay changed. The pair is not proposed again. Undone twice
    is once. Returns the source. Raises NotAllowed, MergedAway (another merge came in between: try again).
    """
    landing = landing_of(merge.target)
    with locked_customers([merge.source_id, merge.target_id, landing.pk], by=by) as rows:
        returning, target, holder = rows[merge.source_id], rows[merge.target_id], rows[landing.pk]
        merge.refresh_from_db()
        if merge.ended_at is not None:
            return returning
        if holder.merged_into_id is not None:
            raise MergedAway
        moved = merge.moved
        Identity.objects.filter(pk__in=moved["identities"], customer=holder).update(
            customer=returning
        )
        CustomerNote.objects.filter(pk__in=moved["notes"], customer=holder).update(
            customer=returning
        )
        Visit.objects.filter(pk__in=moved["visits"], customer=holder).update(customer=returning)
        CustomerTagging.objects.filter(pk__in=moved["taggings"]).delete()
        _give_back(target, moved["facts"])
        returning.merged_into = None
        returning.save(update_fields=["merged_into"])
        CustomerMerge.objects.filter(pk=merge.pk).update(**CustomerMerge.ended_now(by))
        merge.refresh_from_db()
        part_for_good(returning.pk, target.pk, by=by)
        journal.record(
            CustomersParted(by=by, customer=holder.pk, other=returning.pk, merge=merge.pk)
        )
    return returning


def _give_back(target: Customer, facts: dict[str, list[Any]]) -> None:
    """Each fact as it was, unless somebody has changed it since."""
    now = facts_of(target)
    for name, (before, after) in facts.items():
        if now.get(name) == after:
            put_fact(target, name, before)
    target.save(update_fields=[*(f.removesuffix("_id") for f in FIELDS), "attributes"])
