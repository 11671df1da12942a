"""Search texts: what a message is found by."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchText(models.Model):
    """The lexemes of one message, made by `indexing`; built from the journal, so it can be rebuilt."""

    message = models.OneToOneField(
        "conversations.Message", models.CASCADE, primary_key=True, related_name="search_text"
    )
    vector = SearchVectorField()
    #: The marks of team and assignee that the vector holds, to be found when they change.
    scope = models.TextField(default="")

    class Meta:
        # a pending list makes writing five times cheaper; each search reads all of it, so it is short
        indexes: ClassVar = [
            GinIndex(
                fields=["vector"],
                name="search_text_vector",
                fastupdate=True,
                gin_pending_list_limit=256,
            )
        ]

    def __str__(self) -> str:
        return f"search text of {self.message_id}"
