"""Inviting: a colleague is let in by a one-time link."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import AgentInvited, AgentJoined, InvitationRevoked
from rapport.accounts.models import Agent, Company, Invitation, Role
from rapport.accounts.queueing import one_at_a_time
from rapport.accounts.refusing import AlreadyHere, InvitationSpent
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

DAYS = 7


def invite(*, email: str, role: str, by: Actor) -> tuple[Invitation, str]:
    """Ask somebody in; returns the invitation and the link's secret, which is not kept.

    An earlier invitation to the same address loses its link. Raises AlreadyHere, AdminsOnly.
    """
    email = email.strip().lower()
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        check_admin(by)
        one_at_a_time("addresses")
        if Agent.objects.filter(email=email).exists():
            raise AlreadyHere
        Invitation.objects.filter(email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            email=email,
            role=Role(role),
            secret_hash=_hash(secret),
            expires_at=clock.now() + timedelta(days=DAYS),
            **Invitation.done_by(by),
        )
        journal.record(AgentInvited(by=by, number=invitation.pk, email=email, role=role))
    return invitation, secret


def revoke_invitation(invitation: Invitation, *, by: Actor) -> None:
    """Take an invitation back; one that was accepted stays."""
    with transaction.atomic():
        check_admin(by)
        waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
        if waiting.delete()[0]:
            journal.record(InvitationRevoked(by=by, number=invitation.pk, email=invitation.email))


def invitation_for(secret: str) -> Invitation:
    """The invitation that this link belongs to. Raises InvitationSpent."""
    found = Invitation.objects.filter(secret_hash=_hash(secret), accepted_at=None).first()
    if found is None or found.expires_at <= clock.now():
        raise InvitationSpent
    return found


def accept_invitation(secret: str, *, name: str, password: str, language: str = "en") -> Agent:
    """Make the account; the link works once, also when it is followed twice at the same instant.

    Raises InvitationSpent, AlreadyHere.
    """
    with transaction.atomic():
        one_at_a_time("addresses")
        number = invitation_for(secret).pk
        waiting = Invitation.objects.select_for_update().filter(pk=number, accepted_at=None)
        invitation = waiting.first()
        if invitation is None:
            raise InvitationSpent
        if Agent.objects.filter(email=invitation.email).exists():
            raise AlreadyHere
        zone = Company.objects.values_list("time_zone", flat=True).first() or "UTC"
        agent = Agent.objects.create_user(
            invitation.email,
            password,
            name=name.strip(),
            role=invitation.role,
            language=language,
            time_zone=zone,
        )
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now())
        journal.record(AgentJoined(by=agent.actor, agent=agent.pk, role=agent.role))
    return agent


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
