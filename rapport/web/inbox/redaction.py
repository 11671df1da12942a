"""Redactions: a secret is taken out of a conversation for good."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext

from rapport.conversations.redacting import redact_secret
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import message_for
from rapport.web.kit.verbs import SignedIn, verbs


def create(request: SignedIn, number: int) -> HttpResponse:
    """Take the words out; there is no way back, which the form says."""
    message = message_for(request, number)
    secret = request.POST.get("secret", "")
    return act(
        request,
        message.conversation,
        lambda: redact_secret(message, secret=secret, by=request.user.actor),
        said=gettext("Taken out for good"),
    )


redaction = verbs(post=create)
