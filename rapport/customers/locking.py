"""Locking: the first beat of every write about a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.customers.access import check_may_change
from rapport.customers.models import Customer
from rapport.kernel.actors import Actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Refusal(Exception):
    """This cannot be done as things stand; its text is for people, in their language."""

    message: StrOrPromise = _("This cannot be done as things stand.")

    def __str__(self) -> str:
        return str(self.message)


class MergedAway(Refusal):
    """Nothing is kept of somebody who is known as somebody else now."""

    message = _("This customer was merged into another one. Go on there, or undo the merge.")


@contextmanager
def locked_customer(customer: Customer, *, by: Actor) -> Iterator[Customer]:
    """Open a transaction, check that the actor may change customers, lock the row and read it afresh.

    Raises NotAllowed, MergedAway.
    """
    with locked_customers([customer.pk], by=by) as rows:
        fresh = rows[customer.pk]
        if fresh.merged_into_id is not None:
            raise MergedAway
        yield fresh


@contextmanager
def locked_customers(numbers: list[int], *, by: Actor) -> Iterator[dict[int, Customer]]:
    """Lock some customers in the order of their ids, so that no two writers wait for each other."""
    with transaction.atomic():
        check_may_change(by)
        # Not their keys: an arrival that holds its conversation may write its message meanwhile.
        rows = Customer.objects.select_for_update(of=("self",), no_key=True).filter(
            pk__in=set(numbers)
        )
        yield {row.pk: row for row in rows.order_by("pk")}
