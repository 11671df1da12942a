"""Refusing: what cannot be done with accounts as things stand, said in words for people."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AccountRefusal(Exception):
    """This cannot be done as things stand."""

    message: str | Promise = _("This cannot be done as things stand.")

    def __str__(self) -> str:
        return str(self.message)


class LastAdmin(AccountRefusal):
    """Somebody must remain who can change the set-up."""

    message = _("This is the last admin. Make somebody else an admin first.")


class InvitationSpent(AccountRefusal):
    """Used, withdrawn, too old, or never given."""

    message = _("This invitation is no longer valid. Ask for a new one.")


class AlreadyHere(AccountRefusal):
    """The address belongs to an agent already."""

    message = _("Somebody with this address is here already.")


class NameTaken(AccountRefusal):
    """Another one has this name."""

    message = _("This name is taken.")


class AlreadySetUp(AccountRefusal):
    """The first visit is over."""

    message = _("This deployment is set up already. Sign in.")


class UnknownScope(AccountRefusal):
    """There is no such scope."""

    message = _("There is no such scope.")
