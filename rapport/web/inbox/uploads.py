"""Uploads: files that wait with their writer, sent while the words are still written."""

from __future__ import annotations

import re

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from rapport.conversations.locking import Refusal
from rapport.conversations.models import Attachment
from rapport.conversations.uploading import UploadTooLarge, discard_upload, keep_upload
from rapport.kernel.config import config
from rapport.web.inbox.files import PICTURES
from rapport.web.inbox.previews import SNIFFED, type_of
from rapport.web.kit.downloads import download, read_beginning
from rapport.web.kit.fragments import Fragment, fragments
from rapport.web.kit.verbs import SignedIn, verbs

#: How a page names the place of a picture in the words.
PLACE = re.compile(r"[0-9a-f]{16}")


def create(request: SignedIn) -> HttpResponse:
    """Keep one file; answers with its line in the composer."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": gettext("Attach a file.")}, status=400)
    place = request.POST.get("cid", "")
    try:
        if (file.size or 0) > config().max_attachment_bytes:
            raise UploadTooLarge
        kept = keep_upload(
            file.read(),
            name=file.name or "file",
            content_type=file.content_type or "",
            by=request.user.actor,
            content_id=place if PLACE.fullmatch(place) else "",
        )
    except Refusal as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return fragments(request, Fragment("inbox/uploads/_file.html", {"file": kept}))


def show(request: SignedIn, number: int) -> HttpResponseBase:
    """A file that waits with the reader: pictures are shown, all else is a download."""
    file = _own(request, number)
    found = type_of(read_beginning(file, size=SNIFFED))
    response = download(file, shown_as=found if found in PICTURES else "")
    response["Cache-Control"] = "private, max-age=3600"
    return response


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Let it go; its line leaves the composer."""
    discard_upload(_own(request, number), by=request.user.actor)
    return HttpResponse()


def _own(request: SignedIn, number: int) -> Attachment:
    waiting = Attachment.objects.filter(message=None, uploaded_by=request.user)
    found: Attachment = get_object_or_404(waiting, pk=number)
    return found


uploads = verbs(post=create)
upload = verbs(get=show, delete=destroy)
