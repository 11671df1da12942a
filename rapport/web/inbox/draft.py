"""The draft of a conversation: kept while it is written, shown on any device of its writer, thrown away."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext

from rapport.conversations.drafting import (
    DraftGone,
    DraftMoved,
    discard_draft,
    drafts_of,
    save_draft,
)
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Conversation
from rapport.web.inbox.acting import address_of, shown
from rapport.web.inbox.composing import (
    Quarrel,
    composer,
    draft_in,
    fresh_draft,
    quarrel_of,
    restored,
    written_in,
)
from rapport.web.inbox.loading import conversation_for
from rapport.web.inbox.messages import shown_again
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs


def show(request: SignedIn, number: int) -> HttpResponse:
    """The composer with the reader's draft of one kind (`?draft=note`), or fresh."""
    conversation = conversation_for(request, number)
    if not is_partial(request):
        return HttpResponseRedirect(f"{address_of(conversation)}?{request.GET.urlencode()}")
    kept = drafts_of(conversation, agent=request.user)
    draft = restored(fresh_draft(conversation), kept, kind=request.GET.get("draft", "reply"))
    fresh = replace(draft, is_fresh=True)
    return fragments(request, None, composer(request, conversation, fresh))


def create(request: SignedIn, number: int) -> HttpResponse:
    """Keep what the form holds. A script is told the version; a page without scripts goes on as it was."""
    conversation = conversation_for(request, number)
    written = written_in(request.POST)
    try:
        if not is_partial(request):  # files come along, and are kept first
            uploads = [upload.pk for upload in draft_in(request, conversation).uploads]
            written = replace(written, uploads=uploads)
        kept = save_draft(conversation, written, by=request.user.actor)
    except (DraftMoved, DraftGone) as refusal:
        return _asked(request, conversation, quarrel_of(refusal))
    except Refusal as refusal:
        return _refused(request, conversation, refusal)
    if is_partial(request) and request.POST.get("back"):
        return _brought_back(request, conversation, kind=written.kind)
    if is_partial(request):
        return JsonResponse({"version": kept.version if kept else ""})
    flash(request, gettext("Kept as a draft"))
    return HttpResponseRedirect(address_of(conversation))


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Throw it away; the way back brings the words, not the files."""
    conversation = conversation_for(request, number)
    written = written_in(request.POST)
    discard_draft(conversation, kind=written.kind, by=request.user.actor)
    if is_partial(request) and written.text.strip():
        heads = {f"{written.kind}_{name}": line for name, line in written.heads.items()}
        fields = {**heads, "kind": written.kind, "text": written.text, "back": "1"}
        back = f"{address_of(conversation)}/draft?{request.GET.urlencode()}"
        flash(request, gettext("Thrown away"), undo=back, method="post", fields=fields)
    fresh = replace(fresh_draft(conversation), is_fresh=True)
    return shown(request, conversation, composer(request, conversation, fresh))


def _brought_back(request: SignedIn, conversation: Conversation, *, kind: str) -> HttpResponse:
    kept = drafts_of(conversation, agent=request.user)
    draft = restored(fresh_draft(conversation), kept, kind=kind)
    return shown(request, conversation, composer(request, conversation, draft))


def _asked(request: SignedIn, conversation: Conversation, quarrel: Quarrel) -> HttpResponse:
    if not is_partial(request):
        draft = replace(draft_in(request, conversation), quarrel=quarrel, version=quarrel.version)
        return shown_again(request, conversation, draft)
    context = {"quarrel": quarrel, "base": address_of(conversation)}
    asked = Fragment("inbox/conversations/_quarrel.html", context, "draft_quarrel", "innerHTML")
    return fragments(request, None, asked, status=409)


def _refused(request: SignedIn, conversation: Conversation, refusal: Refusal) -> HttpResponse:
    if is_partial(request):
        return JsonResponse({"error": str(refusal)}, status=422)
    draft = replace(fresh_draft(conversation), text=request.POST.get("text", ""))
    return shown_again(request, conversation, replace(draft, error=str(refusal)))


draft = verbs(get=show, post=create, delete=destroy)
