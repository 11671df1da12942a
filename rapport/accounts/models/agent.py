"""Agents: people who sign in, and what their role lets them do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock
from rapport.kernel.actors import Actor


class Role(models.TextChoices):
    """What somebody may do. `none` is somebody who was not (or is no longer) let in."""

    ADMIN = "admin", _("Admin")
    LEAD = "lead", _("Lead")
    AGENT = "agent", _("Agent")
    VIEWER = "viewer", _("Viewer")
    NONE = "none", _("No access")


class Contrast(models.TextChoices):
    """How far words and lines stand out from what lies behind them."""

    AUTO = "auto", _("As the system has it")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class Motion(models.TextChoices):
    """Whether things may move to show where they went."""

    AUTO = "auto", _("As the system has it")
    REDUCED = "reduced", _("As little as can be")


class Density(models.TextChoices):
    """How much stands on a screen."""

    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class TextSize(models.TextChoices):
    """How large everything is written."""

    SMALL = "small", _("Small")
    MEDIUM = "medium", _("Medium")
    LARGE = "large", _("Large")
    LARGEST = "largest", _("Largest")


class AgentManager(BaseUserManager["Agent"]):
    """What Django's sign-in asks of the user model."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent


class Agent(AbstractBaseUser):
    """A colleague."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.AGENT)
    language = models.CharField(_("language"), max_length=12, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("theme"), max_length=8, default="auto")
    contrast = models.CharField(
        max_length=8, choices=Contrast.choices, default="auto", db_default="auto"
    )
    motion = models.CharField(
        max_length=8, choices=Motion.choices, default="auto", db_default="auto"
    )
    density = models.CharField(
        max_length=12, choices=Density.choices, default="comfortable", db_default="comfortable"
    )
    text_size = models.CharField(
        max_length=8, choices=TextSize.choices, default="medium", db_default="medium"
    )
    has_single_keys = models.BooleanField(default=True, db_default=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    #: The ids of their teams, where they were read along; None where they are to be asked for.
    known_teams: list[int] | None = None
    objects: ClassVar[AgentManager] = AgentManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="accounts_agent_email_once")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor(self) -> Actor:
        return Actor("agent", self.pk, self.name)

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_lead(self) -> bool:
        """Admins lead too."""
        return self.is_active and self.role in (Role.ADMIN, Role.LEAD)

    @property
    def may_work(self) -> bool:
        """May change conversations: everybody but viewers and those without access."""
        return self.is_active and self.role in (Role.ADMIN, Role.LEAD, Role.AGENT)

    @property
    def may_see(self) -> bool:
        return self.is_active and self.role != Role.NONE
