"""The room `conversations` as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Label `conversations`; at start it lets the room's followers and companions sign in."""

    name = "rapport.conversations"
    label = "conversations"

    def ready(self) -> None:
        from importlib import import_module
        from importlib.util import find_spec

        abilities = ("events", "following", "indexing", "recognising_people", "rehoming")
        for module in (*abilities, "asking_aside", "notifying"):
            if find_spec(f"{self.name}.{module}"):
                import_module(f"{self.name}.{module}")
