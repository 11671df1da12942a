"""Client requests: what a form or program asked for under a key of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ClientRequest(models.Model):
    """What a request was and which message it made; kept where it was asked, wherever the message goes."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="+", db_index=False
    )
    client_key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    message = models.ForeignKey("conversations.Message", models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "client_key"], name="client_request_once"
            ),
        ]

    def __str__(self) -> str:
        return self.client_key
