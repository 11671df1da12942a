"""Refs in addresses: C-1042 is conversation 1042."""

from __future__ import annotations

from rapport.conversations.models import Conversation


class RefConverter:
    """`<ref:number>`: the number of a conversation as people call it."""

    regex = r"C-[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value[2:])

    def to_url(self, value: int | Conversation) -> str:
        return f"C-{value.pk if isinstance(value, Conversation) else value}"
