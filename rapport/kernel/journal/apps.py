"""The journal as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Label `journal`."""

    name = "rapport.kernel.journal"
    label = "journal"
