"""The room `accounts` as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Label `accounts`; at start it lets the room's followers and companions sign in."""

    name = "rapport.accounts"
    label = "accounts"

    def ready(self) -> None:
        from importlib import import_module
        from importlib.util import find_spec

        for module in ("events", "following"):
            if find_spec(f"{self.name}.{module}"):
                import_module(f"{self.name}.{module}")
