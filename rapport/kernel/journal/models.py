"""The journal's tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rapport.kernel import clock
from rapport.kernel.actors import Actor
from rapport.kernel.journal.events import Event, event_of
from rapport.kernel.journal.positions import Position


class CurrentTransaction(models.Func):
    """The number of the transaction that writes."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Entry(models.Model):
    """One thing that happened. `era` has its default changed by `eras.begin_era`."""

    id = models.BigAutoField(primary_key=True)
    era = models.SmallIntegerField(db_default=1)
    xid = models.BigIntegerField(db_default=CurrentTransaction())
    kind = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.BigIntegerField()
    streams = models.TextField()
    by_kind = models.TextField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    details = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["era", "xid", "id"], name="journal_order"),
            models.Index(fields=["subject_kind", "subject_id", "id"], name="journal_subject"),
        ]

    @property
    def position(self) -> Position:
        return Position(self.era, self.xid, self.id)

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)  # type: ignore[arg-type]

    def event(self) -> Event:
        """The event that was recorded."""
        return event_of(self.kind, by=self.by, at=self.at, details=self.details)


class Cursor(models.Model):
    """How far a follower has read, and how it fares."""

    name = models.TextField(primary_key=True)
    era = models.SmallIntegerField(default=0)
    xid = models.BigIntegerField(default=0)
    entry = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(default=clock.now)
    failures = models.IntegerField(default=0)
    error = models.TextField(blank=True, default="")
    retry_at = models.DateTimeField(null=True)
    #: Of one that reads again (`rereading`): the position up to which it does; printed, empty for all others.
    goal = models.TextField(blank=True, default="", db_default="")

    @property
    def position(self) -> Position:
        return Position(self.era, self.xid, self.entry)


class Stumble(models.Model):
    """An entry that a follower could not take in; set aside so that the ones behind it go on."""

    follower = models.TextField()
    entry_id = models.BigIntegerField()
    error = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "entry_id"], name="journal_stumble_once")
        ]
