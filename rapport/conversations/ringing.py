"""Ringing: the news of the bell, for one agent's own pages; no timeline tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.kernel.journal import Event


@dataclass(frozen=True, kw_only=True)
class AgentNotified(Event):
    """An agent should hear of something in a conversation; `why` is the kind of notification."""

    kind: ClassVar[str] = "conversations.agent_notified"
    keep_days: ClassVar[int | None] = 30
    agent: int
    conversation: int
    why: str

    @property
    def subject(self) -> tuple[str, int]:
        return "agent", self.agent


@dataclass(frozen=True, kw_only=True)
class NotificationsRead(Event):
    """An agent has read notifications: those of one conversation, or all."""

    kind: ClassVar[str] = "conversations.notifications_read"
    keep_days: ClassVar[int | None] = 30
    agent: int
    conversation: int | None = None

    @property
    def subject(self) -> tuple[str, int]:
        return "agent", self.agent
