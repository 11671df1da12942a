"""Adding identities: by what else somebody is known, and whether it was proved to be theirs."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.customers.access import check_may_change
from rapport.customers.events import IdentityAdded, IdentityRemoved, IdentityVerified
from rapport.customers.identifying import lock_addresses, normalise_address
from rapport.customers.locking import Refusal, locked_customer
from rapport.customers.models import Customer, Identity, IdentityKind
from rapport.kernel import journal
from rapport.kernel.actors import Actor

MOST = 50
PHONE = re.compile(r"\+?[0-9]{5,15}")


class NoAddress(Refusal):
    """What was typed is none."""

    message = _(
        "This is no address. Give a mail address, or a phone number such as +48 601 555 014."
    )


class IdentityTaken(Refusal):
    """It belongs to somebody: `customer` is whom."""

    message = _("This address belongs to another customer. Merge the two if they are one person.")

    def __init__(self, customer: Customer) -> None:
        super().__init__(self.message)
        self.customer = customer


class TooManyIdentities(Refusal):
    """Nobody has so many."""

    message = _("There are 50 addresses of this customer. Remove one first.")


def add_identity(
    customer: Customer, *, kind: str, value: str, by: Actor, is_verified: bool = False
) -> Identity:
    """Let this address be theirs; twice is once. Mail from it finds them from now on.

    Raises NoAddress, IdentityTaken, TooManyIdentities, NotAllowed, MergedAway.
    """
    fit, shown = normalise_address(kind, value), " ".join(value.split())[:512]
    check_form(kind, fit)
    with transaction.atomic():
        check_may_change(by)
        # Before the row, as arrivals do: else one would wait for the other.
        lock_addresses([(kind, fit)])
        with locked_customer(customer, by=by) as fresh:
            standing = Identity.objects.filter(kind=kind, value=fit).first()
            if standing is not None:
                if standing.customer_id != fresh.pk:
                    raise IdentityTaken(standing.customer)
                return standing
            if fresh.identities.count() >= MOST:
                raise TooManyIdentities
            identity = Identity.objects.create(
                customer=fresh, kind=kind, value=fit, shown=shown, is_verified=is_verified
            )
            journal.record(
                IdentityAdded(
                    by=by, customer=fresh.pk, identity=identity.pk, identity_kind=kind, value=fit
                )
            )
    return identity


def remove_identity(identity: Identity, *, by: Actor) -> None:
    """It is not theirs: mail from it will be a new customer's. Twice is once. Raises NotAllowed."""
    with locked_customer(identity.customer, by=by) as fresh:
        standing = fresh.identities.filter(pk=identity.pk).first()
        if standing is not None:
            standing.delete()
            journal.record(
                IdentityRemoved(
                    by=by, customer=fresh.pk, identity_kind=standing.kind, value=standing.value
                )
            )


def verify_identity(identity: Identity, *, by: Actor, is_verified: bool = True) -> None:
    """Say that it was proved to be theirs, or that it was not. Twice is once. Raises NotAllowed."""
    with locked_customer(identity.customer, by=by) as fresh:
        other = fresh.identities.filter(pk=identity.pk, is_verified=not is_verified)
        if other.update(is_verified=is_verified):
            journal.record(
                IdentityVerified(
                    by=by, customer=fresh.pk, identity=identity.pk, is_verified=is_verified
                )
            )


def check_form(kind: str, value: str) -> None:
    """Raise NoAddress unless the normal form is one of a mail address or a phone number."""
    if kind == IdentityKind.EMAIL:
        try:
            validate_email(value)
        except ValidationError:
            raise NoAddress from None
    elif kind != IdentityKind.PHONE or not PHONE.fullmatch(value):
        raise NoAddress
