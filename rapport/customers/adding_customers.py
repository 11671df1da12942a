"""Adding customers: somebody whom the company knows before they ever wrote."""

from __future__ import annotations

from django.db import transaction

from rapport.customers.access import check_may_change
from rapport.customers.adding_identities import add_identity, check_form
from rapport.customers.changing_customers import change_customer
from rapport.customers.events import CustomerAdded
from rapport.customers.identifying import lock_addresses, normalise_address
from rapport.customers.models import Customer, Identity
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def add_customer(
    *, kind: str, value: str, by: Actor, name: str = "", language: str = ""
) -> tuple[Customer, bool]:
    """The customer of this address, made where there is none; and whether they are new.

    Who is there already stays as they are. Raises NoAddress, Unfit, NotAllowed.
    """
    fit = normalise_address(kind, value)
    check_form(kind, fit)
    with transaction.atomic():
        check_may_change(by)
        lock_addresses([(kind, fit)])
        known = Identity.objects.filter(kind=kind, value=fit).select_related("customer").first()
        if known is not None:
            return known.customer, False
        customer = Customer.objects.create()
        journal.record(CustomerAdded(by=by, customer=customer.pk))
        change_customer(customer, by=by, name=name, language=language)
        add_identity(customer, kind=kind, value=value, by=by)
    return customer, True
