"""The preview of what the composer holds: rendered by the same hand that renders what is sent."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe

from rapport.channels.models import Channel
from rapport.conversations.addressing import newest_to_answer
from rapport.conversations.models import Attachment, Conversation
from rapport.kernel.mail.decoding import clean_text
from rapport.kernel.mail.rendering import render_markdown
from rapport.web.inbox.bodies import place_pictures
from rapport.web.inbox.composing import numbers_in
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.fragments import Fragment, fragments
from rapport.web.kit.verbs import SignedIn, verbs

LONGEST = 200_000


def create(request: SignedIn, number: int) -> HttpResponse:
    """The words, the signature that will stand below them, and the pictures in their places."""
    conversation = conversation_for(request, number)
    text = clean_text(request.POST.get("text", ""))[:LONGEST]
    kind = request.POST.get("kind", "reply")
    signature = "" if kind == "note" else signature_of(conversation)
    wanted = numbers_in(request.POST.getlist("upload"))
    mine = Attachment.objects.filter(pk__in=wanted, message=None, uploaded_by=request.user)
    pictures = {file.content_id: f"/inbox/uploads/{file.pk}" for file in mine if file.content_id}
    context = {
        "words": _rendered(text, pictures),
        "signature": _rendered(signature, {}),
        "language": conversation.language,
    }
    return fragments(request, Fragment("inbox/preview/_words.html", context))


def signature_of(conversation: Conversation) -> str:
    """What stands below a mail that leaves by this conversation's channel, as Markdown."""
    newest = newest_to_answer(conversation)
    number = (newest.channel_id if newest else None) or conversation.channel_id or 0
    channel = Channel.objects.select_related("brand").filter(pk=number, kind="email").first()
    return channel.brand.signature if channel and channel.brand else ""


def _rendered(text: str, pictures: Mapping[str, str]) -> SafeString:
    html = mark_safe(render_markdown(text))  # noqa: S308 - sanitised by the one that renders mails
    return place_pictures(html, pictures)


preview = verbs(post=create)
