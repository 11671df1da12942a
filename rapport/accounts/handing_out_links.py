"""Handing out links: whoever forgot the password gets a link to a new one, by mail or from an admin's hand."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import PasswordLinkMade
from rapport.accounts.models import Agent
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def make_password_path(agent: Agent, *, by: Actor) -> str:
    """The path of a link that opens a page for a new password, once, for three days. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        fresh = Agent.objects.select_for_update().get(pk=agent.pk)
        journal.record(PasswordLinkMade(by=by, agent=fresh.pk))
    return f"/password/new/{user_pk_to_url_str(fresh)}-{default_token_generator.make_token(fresh)}/"
