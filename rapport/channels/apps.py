"""The room `channels` as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Label `channels`; at start it lets the room's followers and companions sign in."""

    name = "rapport.channels"
    label = "channels"

    def ready(self) -> None:
        from importlib import import_module
        from importlib.util import find_spec

        for module in ("events", "following", "naming_channels"):
            if find_spec(f"{self.name}.{module}"):
                import_module(f"{self.name}.{module}")
