"""Previews: a file shown in its place or on a page of its own, by what its bytes are and never by its name."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from rapport.conversations.models import Attachment
from rapport.kernel.mail.decoding import clean_text, decode_bytes
from rapport.kernel.mail.sniffing import sniff_content_type
from rapport.web.inbox.files import FILMS, LARGEST_SHOWN, PDF, PICTURES, SHOWN, SOUNDS, address_of
from rapport.web.inbox.loading import attachment_for
from rapport.web.kit.downloads import download, read_beginning
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

#: Of a text so many bytes are shown.
LONGEST_TEXT = 100_000
SNIFFED = 1024


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file is shown: "picture", "sound", "film", "pdf", "text", or "" for a download only."""

    kind: str = ""
    text: str = ""
    is_cut: bool = False


def preview_of(file: Attachment) -> Preview:
    """Look into the bytes; raises Http404 where they are gone."""
    beginning = read_beginning(file, size=LONGEST_TEXT)
    found = type_of(beginning)
    if found in PICTURES and file.size <= LARGEST_SHOWN * 4:
        return Preview("picture")
    for kind, types in (("sound", SOUNDS), ("film", FILMS), ("pdf", {PDF})):
        if found in types:
            return Preview(kind)
    if not (found.startswith("text/") or found == "image/svg+xml"):
        return Preview()
    text = clean_text(decode_bytes(beginning))
    return Preview("text", text, is_cut=file.size > len(beginning))


def type_of(beginning: bytes) -> str:
    """The type that the bytes speak of; a text is one that holds no signs of anything else."""
    if b"\x00" in beginning[:SNIFFED] and beginning[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text/plain"
    return sniff_content_type(beginning[:SNIFFED], name="", declared="text/plain")


def show(request: SignedIn, number: int) -> HttpResponse:
    """The file in a dialog, or on a page with the other files of its message."""
    file = attachment_for(request, number)
    context = {
        "file": file,
        "address": address_of(file),
        "preview": preview_of(file),
        "conversation": file.message.conversation if file.message else None,
    }
    if is_partial(request):
        return fragments(request, Fragment("inbox/previews/_preview.html", context))
    siblings = Attachment.objects.filter(message=file.message).exclude(stored_name="")
    context["siblings"] = siblings.order_by("pk")
    return render(request, "inbox/previews/show.html", context)


def show_file(request: SignedIn, number: int) -> HttpResponseBase:
    """A kept file: what its bytes say is harmless is shown, everything else is a download that nothing runs in."""
    file = attachment_for(request, number)
    found = "" if request.GET.get("download") else type_of(read_beginning(file, size=SNIFFED))
    shown_as = found if found in SHOWN else ""
    response = download(file, shown_as=shown_as, piece=request.headers.get("Range", ""))
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


preview = verbs(get=show)
file = xframe_options_sameorigin(verbs(get=show_file))
