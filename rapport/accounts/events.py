"""The news of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.kernel.journal import Event


@dataclass(frozen=True, kw_only=True)
class AgentEvent(Event):
    """Something about one agent."""

    agent: int

    @property
    def subject(self) -> tuple[str, int]:
        return "agent", self.agent

    @property
    def streams(self) -> tuple[str, ...]:
        return ("settings", f"agent:{self.agent}")


@dataclass(frozen=True, kw_only=True)
class AgentJoined(AgentEvent):
    """Somebody accepted an invitation, or set the deployment up."""

    kind: ClassVar[str] = "accounts.agent_joined"
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleChanged(AgentEvent):
    kind: ClassVar[str] = "accounts.role_changed"
    role: str
    before: str


@dataclass(frozen=True, kw_only=True)
class AgentDeactivated(AgentEvent):
    kind: ClassVar[str] = "accounts.agent_deactivated"


@dataclass(frozen=True, kw_only=True)
class AgentReactivated(AgentEvent):
    kind: ClassVar[str] = "accounts.agent_reactivated"


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(AgentEvent):
    """Somebody goes by another name, or reads in another language, zone or look."""

    kind: ClassVar[str] = "accounts.profile_changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(AgentEvent):
    kind: ClassVar[str] = "accounts.password_changed"


@dataclass(frozen=True, kw_only=True)
class PasswordLinkMade(AgentEvent):
    """An admin made a link to a new password and handed it out."""

    kind: ClassVar[str] = "accounts.password_link_made"


@dataclass(frozen=True, kw_only=True)
class SecondStepTakenOff(AgentEvent):
    kind: ClassVar[str] = "accounts.second_step_taken_off"


@dataclass(frozen=True, kw_only=True)
class AddressChanged(AgentEvent):
    kind: ClassVar[str] = "accounts.address_changed"
    before: str
    email: str


@dataclass(frozen=True, kw_only=True)
class TeamJoined(AgentEvent):
    kind: ClassVar[str] = "accounts.team_joined"
    team: int


@dataclass(frozen=True, kw_only=True)
class TeamLeft(AgentEvent):
    kind: ClassVar[str] = "accounts.team_left"
    team: int


@dataclass(frozen=True, kw_only=True)
class TokenGranted(AgentEvent):
    kind: ClassVar[str] = "accounts.token_granted"
    token: int
    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(AgentEvent):
    kind: ClassVar[str] = "accounts.token_revoked"
    token: int


@dataclass(frozen=True, kw_only=True)
class SettingEvent(Event):
    """Something about the company's set-up."""

    number: int

    @property
    def subject(self) -> tuple[str, int]:
        return "setting", self.number

    @property
    def streams(self) -> tuple[str, ...]:
        return ("settings",)


@dataclass(frozen=True, kw_only=True)
class CompanySetUp(SettingEvent):
    kind: ClassVar[str] = "accounts.company_set_up"
    name: str


@dataclass(frozen=True, kw_only=True)
class CompanyChanged(SettingEvent):
    kind: ClassVar[str] = "accounts.company_changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AgentInvited(SettingEvent):
    kind: ClassVar[str] = "accounts.agent_invited"
    email: str
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(SettingEvent):
    kind: ClassVar[str] = "accounts.invitation_revoked"
    email: str


@dataclass(frozen=True, kw_only=True)
class TeamNamed(SettingEvent):
    kind: ClassVar[str] = "accounts.team_named"
    name: str


@dataclass(frozen=True, kw_only=True)
class BrandNamed(SettingEvent):
    kind: ClassVar[str] = "accounts.brand_named"
    name: str
