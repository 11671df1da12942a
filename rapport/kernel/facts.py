"""Facts: rows that say who did a thing and when, and when it stopped being so."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from rapport.kernel import clock
from rapport.kernel.actors import Actor


class Fact(models.Model):
    """Something that was done by somebody at some time."""

    by_kind = models.CharField(max_length=16)
    by_id = models.BigIntegerField(null=True)
    by_name = models.TextField(blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)  # type: ignore[arg-type]

    @staticmethod
    def done_by(actor: Actor) -> dict[str, Any]:
        """The columns that name the actor, for `create(**Fact.done_by(by), …)`."""
        return {"by_kind": actor.kind, "by_id": actor.id, "by_name": actor.name}


class PassingQuerySet(models.QuerySet[Any]):
    """Words for facts that come to an end."""

    def standing(self) -> Self:
        return self.filter(ended_at=None)


class PassingFact(Fact):
    """A fact that holds until it is ended; the row stays as history."""

    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_kind = models.CharField(max_length=16, blank=True, default="")
    ended_by_id = models.BigIntegerField(null=True, blank=True)
    ended_by_name = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    @staticmethod
    def ended_now(actor: Actor) -> dict[str, Any]:
        """The columns that end the fact, for `.standing().update(**PassingFact.ended_now(by))`."""
        return {
            "ended_at": clock.now(),
            "ended_by_kind": actor.kind,
            "ended_by_id": actor.id,
            "ended_by_name": actor.name,
        }
