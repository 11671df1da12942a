"""The tables of accounts."""

from __future__ import annotations

from rapport.accounts.models.agent import Agent, Contrast, Density, Motion, Role, TextSize
from rapport.accounts.models.api_token import ApiToken
from rapport.accounts.models.brand import Brand
from rapport.accounts.models.company import Company
from rapport.accounts.models.invitation import Invitation
from rapport.accounts.models.team import Membership, Team

__all__ = [
    "Agent",
    "ApiToken",
    "Brand",
    "Company",
    "Contrast",
    "Density",
    "Invitation",
    "Membership",
    "Motion",
    "Role",
    "Team",
    "TextSize",
]
