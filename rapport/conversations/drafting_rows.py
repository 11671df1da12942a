"""Drafting rows: what a batch of arrivals writes, without the cost of a model for each.

They have the attributes of their models, so that placing and reckoning treat old and new alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport.conversations.models import Conversation, Direction, Priority, State


@dataclass(slots=True)
class NewConversation:
    """A row of `Conversation` on its way into the database; its number comes last."""

    subject: str
    customer_id: int
    brand_id: int | None
    team_id: int | None
    channel_id: int | None
    channel_kind: str
    language: str
    opened_at: datetime
    last_message_at: datetime
    continues_id: int | None
    id: int = 0
    state: str = State.OPEN.value
    priority: int = Priority.NORMAL.value
    assignee_id: None = None
    preview: str = ""
    last_inbound_at: datetime | None = None
    waiting_since: datetime | None = None
    last_message_id: int | None = None
    message_count: int = 0
    merged_into_id: None = None

    @property
    def pk(self) -> int:
        """As a model calls it."""
        return self.id


@dataclass(slots=True)
class NewMessage:
    """A row of `Message` on its way into the database, without the cost of a model."""

    id: int
    conversation: Conversation | NewConversation
    conversation_id: int
    kind: str
    customer_id: int
    author_name: str
    channel_id: int
    channel_kind: str
    envelope_id: int | None
    external_id: str
    content_key: str
    subject: str
    addresses: dict[str, Any]
    text: str
    quoted: str
    signature: str
    html: str
    has_held_images: bool
    language: str
    sent_at: datetime
    recorded_at: datetime
    why: dict[str, Any]
    extras: dict[str, Any]
    direction: str = Direction.IN.value
    agent_id: None = None
    client_key: str = ""
    in_reply_to_id: None = None
    withdrawn_at: None = None


@dataclass(slots=True)
class NewParticipant:
    """A row of `Participant` on its way."""

    conversation_id: int
    customer_id: int
    added_at: datetime
