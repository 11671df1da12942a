"""Taking off second steps: somebody lost the phone and the codes; an admin who knows them lets them in again."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import SecondStepTakenOff
from rapport.accounts.models import Agent
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def take_off_second_step(agent: Agent, *, by: Actor) -> None:
    """Forget app, keys and codes of an agent; the password alone lets in. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        if Authenticator.objects.filter(user=agent).delete()[0]:
            journal.record(SecondStepTakenOff(by=by, agent=agent.pk))
