"""A channel: one mailbox, number or account."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock
from rapport.kernel.secrets import unseal


def make_hook_secret() -> str:
    """The unguessable last part of a hook's address."""
    return secrets.token_urlsafe(24)


class ChannelState(models.TextChoices):
    """Whether it works; `broken` needs a person (a lost password, say)."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    BROKEN = "broken", _("Broken")


class Channel(models.Model):
    """`config` is what may be shown; `sealed` holds passwords and keys, encrypted."""

    kind = models.CharField(max_length=16)
    name = models.CharField(_("name"), max_length=100)
    #: For e-mail the address that customers write to.
    address = models.CharField(_("address"), max_length=320, blank=True, default="")
    brand = models.ForeignKey("accounts.Brand", models.PROTECT, null=True, related_name="channels")
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="channels"
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    hook_secret = models.CharField(max_length=64, default=make_hook_secret, unique=True)
    state = models.CharField(
        max_length=8, choices=ChannelState.choices, default=ChannelState.ACTIVE
    )
    error = models.TextField(blank=True, default="")
    #: Since when the other side has been asking us to send more slowly, and until when we therefore send nothing.
    throttled_since = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)
    config = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "kind",
                Lower("address"),
                condition=~models.Q(address=""),
                name="channel_address_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_resting(self) -> bool:
        """Whether nothing is sent just now because the other side asked for it."""
        return self.resting_until is not None and self.resting_until > clock.now()

    @property
    def secrets(self) -> dict[str, Any]:
        """The opened secrets; raises SecretUnreadable. Never log it."""
        return unseal(self.sealed)
