"""Telling steps: Django's own command to migrate, saying how many steps are done."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command

from rapport.cli.progressing import ProgressLine


class ToldMigration(Command):
    """Each step is a transaction of its own: stopped in between, the next run goes on where this one ended."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self._line = ProgressLine()
        self._done, self._total = 0, total

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        """Hear of a step from Django; only its end counts."""
        if action == "apply_success":
            self._done += 1
            self._line("step", self._done, self._total)
            if self._done == self._total:
                self._line.end()
