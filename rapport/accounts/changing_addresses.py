"""Changing addresses: an agent signs in by another one from now on."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import AddressChanged
from rapport.accounts.models import Agent
from rapport.accounts.queueing import one_at_a_time
from rapport.accounts.refusing import AlreadyHere
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def change_address(agent: Agent, *, email: str, by: Actor) -> None:
    """Give another address to sign in by; the old one opens nothing any more. Raises AlreadyHere, AdminsOnly."""
    email = email.strip().lower()
    try:
        with transaction.atomic():
            check_admin(by)
            one_at_a_time("addresses")
            fresh = Agent.objects.select_for_update().get(pk=agent.pk)
            if fresh.email == email:
                return
            Agent.objects.filter(pk=fresh.pk).update(email=email)
            # allauth notes each address that it made a link for, and lets people in by any of them.
            EmailAddress.objects.filter(user=fresh).delete()
            journal.record(AddressChanged(by=by, agent=fresh.pk, before=fresh.email, email=email))
    except IntegrityError:
        raise AlreadyHere from None
    agent.email = email
