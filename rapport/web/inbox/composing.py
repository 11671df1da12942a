"""Composing: what stands in the composer, and what its form says when it comes back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext

from rapport.conversations.addressing import (
    MOST_RECIPIENTS,
    Recipients,
    newest_to_answer,
    own_addresses,
    recipients_of,
)
from rapport.conversations.drafting import (
    DraftGone,
    DraftMoved,
    KeptDraft,
    Waiting,
    Written,
    drafts_of,
)
from rapport.conversations.forwarding import forward_subject
from rapport.conversations.models import Attachment, Conversation, Message, State
from rapport.conversations.repeating import fingerprint_of
from rapport.conversations.uploading import UploadTooLarge, keep_upload
from rapport.conversations.withdrawing import Withdrawn
from rapport.kernel.config import config
from rapport.kernel.mail.decoding import clean_line, clean_text
from rapport.kernel.mail.reading_headers import read_addresses
from rapport.web.inbox.panes import shelf_asked
from rapport.web.inbox.timeline import Timeline
from rapport.web.kit.fragments import Fragment
from rapport.web.kit.verbs import SignedIn

KINDS = ("reply", "all", "forward", "note")
Someone = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Quarrel:
    """Two devices of one writer: why, what stands there, and under which version and key one may go on here."""

    why: str
    kind: str
    text: str = ""
    version: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The composer's fields. `newer` are messages that the writer has not seen; `error` is what was refused."""

    kind: str = "reply"
    text: str = ""
    to: dict[str, str] = field(default_factory=dict)
    cc: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    uploads: Sequence[Attachment | Waiting] = ()
    forwards: int = 0
    #: Of what the form asked for, so that a second click is told from another message.
    fingerprint: str = ""
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    seen: int = 0
    later: str = ""
    newer: Sequence[Message] = ()
    error: str = ""
    is_fresh: bool = False
    #: Of what is kept on the server: the version that the page shows, and the page that shows it.
    version: str = ""
    device: str = field(default_factory=lambda: secrets.token_hex(6))
    #: What the same agent wrote here on another device meanwhile.
    quarrel: Quarrel | None = None
    #: Variables of a template for which nothing is known; they are only sent when that is meant.
    unfilled: Sequence[str] = ()


def fresh_draft(conversation: Conversation, *, kind: str = "reply", forwards: int = 0) -> Draft:
    """An empty composer with the people to whom an answer to the newest message would go."""
    return _draft(conversation, newest_to_answer(conversation), kind=kind, forwards=forwards)


def draft_to_answer(conversation: Conversation, *, timeline: Timeline) -> Draft:
    """The same for a thread that was read already: what it shows need not be asked for again."""
    shown = timeline.to_answer
    if shown is None and not timeline.is_whole:
        return fresh_draft(conversation)
    return _draft(conversation, shown.as_message() if shown else None)


def restored(draft: Draft, kept: Sequence[KeptDraft], *, kind: str = "") -> Draft:
    """The composer with what its writer has kept of this kind, or last of any; else as it was."""
    fitting = [each for each in kept if each.kind == kind] if kind in KINDS else list(kept)
    if not fitting:
        return replace(draft, kind=kind if kind in KINDS else draft.kind)
    mine = fitting[0]
    return replace(
        draft,
        kind=mine.kind,
        text=mine.text,
        to={**draft.to, mine.kind: mine.heads.get("to", draft.to.get(mine.kind, ""))},
        cc={**draft.cc, mine.kind: mine.heads.get("cc", draft.cc.get(mine.kind, ""))},
        subject=mine.heads.get("subject", draft.subject),
        uploads=mine.uploads,
        forwards=mine.forwards,
        later=mine.later,
        key=mine.client_key,
        version=mine.version,
    )


def quarrel_of(refusal: DraftMoved | DraftGone) -> Quarrel:
    """What the writer is asked: to see what stands there, or to go on here."""
    if isinstance(refusal, DraftMoved):
        there = refusal.standing
        return Quarrel(str(refusal), there.kind, text=there.text, version=there.version)
    return Quarrel(str(refusal), "reply", key=secrets.token_hex(16))


def written_in(form: QueryDict) -> Written:
    """What the form holds, to be kept as a draft; it is not judged here."""
    kind = form.get("kind", "reply")
    kind = kind if kind in KINDS else "reply"
    heads = {"to": form.get(f"{kind}_to"), "cc": form.get(f"{kind}_cc")}
    if kind == "forward":
        heads["subject"] = form.get("subject")
    uploads = set(numbers_in(form.getlist("upload"))) - set(numbers_in(form.getlist("drop")))
    return Written(
        kind=kind,
        text=clean_text(form.get("text", "")),
        heads={name: clean_line(line) for name, line in heads.items() if line is not None},
        later=clean_line(form.get("later", "")),
        forwards=next(iter(numbers_in([form.get("forwards", "")])), 0),
        uploads=sorted(uploads),
        client_key=clean_line(form.get("client_key", ""))[:64],
        device=clean_line(form.get("device", ""))[:16],
        version=clean_line(form.get("version", ""))[:16],
    )


def _draft(
    conversation: Conversation,
    newest: Message | None,
    *,
    kind: str = "reply",
    forwards: int = 0,
) -> Draft:
    ours = own_addresses()
    to_one = recipients_of(conversation, newest, everyone=False, ours=ours)
    to_all = recipients_of(conversation, newest, everyone=True, ours=ours)
    return Draft(
        kind=kind if kind in KINDS else "reply",
        to={"reply": people(to_one.to), "all": people(to_all.to)},
        cc={"reply": "", "all": people(to_all.cc)},
        subject=_forward_subject(conversation, forwards),
        forwards=forwards,
        seen=conversation.last_message_id or 0,
    )


def _forward_subject(conversation: Conversation, forwards: int) -> str:
    message = conversation.messages.filter(pk=forwards).first() if forwards else None
    return forward_subject(conversation, message) if message else ""


def people(recipients: Iterable[dict[str, str]]) -> str:
    """Addresses on one line, as somebody types them."""
    return ", ".join(
        f"{p['name']} <{p['address']}>" if p.get("name") and p["name"] != p["address"] else p["address"]
        for p in recipients
    )  # fmt: skip


def addresses_in(line: str) -> Someone:
    """What somebody typed, as names and addresses; what is none is left for the ability to refuse."""
    typed = line.replace(";", ",").replace("\n", ",").encode("utf-8", "replace")
    found = read_addresses(typed, limit=MOST_RECIPIENTS + 1, hint="utf-8")
    return [{"name": each.name, "address": each.address or each.name} for each in found]


def draft_in(request: SignedIn, conversation: Conversation) -> Draft:
    """The draft as the form sent it; files that came with it are kept first, so that nothing is lost.

    Raises UploadTooLarge.
    """
    form = request.POST
    draft = fresh_draft(conversation, kind=form.get("kind", "reply"))
    wanted = set(numbers_in(form.getlist("upload"))) - set(numbers_in(form.getlist("drop")))
    waiting = Attachment.objects.filter(
        pk__in=wanted, message=None, uploaded_by=request.user
    ).order_by("pk")
    brought = _kept(request)
    written = replace(
        draft,
        text=clean_text(form.get("text", "")),
        to={kind: form.get(f"{kind}_to", draft.to.get(kind, "")) for kind in KINDS},
        cc={kind: form.get(f"{kind}_cc", draft.cc.get(kind, "")) for kind in KINDS},
        subject=clean_line(form.get("subject", "")),
        uploads=[*waiting, *brought],
        forwards=next(iter(numbers_in([form.get("forwards", "")])), 0),
        key=clean_line(form.get("client_key", ""))[:64],
        seen=next(iter(numbers_in([form.get("seen", "")])), 0),
        later=form.get("later", ""),
        device=clean_line(form.get("device", ""))[:16] or draft.device,
        version=clean_line(form.get("version", ""))[:16],
    )
    return replace(written, fingerprint=_fingerprint(form, written, wanted, brought))


def _fingerprint(
    form: QueryDict, draft: Draft, wanted: Iterable[int], brought: Iterable[Attachment]
) -> str:
    """Of what goes out and to whom, as the form names it: what it left open may change with the first click."""
    return fingerprint_of(
        {
            "kind": draft.kind,
            "text": draft.text,
            "to": form.get(f"{draft.kind}_to", ""),
            "cc": form.get(f"{draft.kind}_cc", ""),
            "subject": draft.subject if draft.kind == "forward" else "",
            "forwards": draft.forwards if draft.kind == "forward" else 0,
            "later": draft.later,
            "uploads": sorted(wanted),
            "files": [[file.name, file.sha256] for file in brought],
        }
    )


def _kept(request: SignedIn) -> list[Attachment]:
    files = request.FILES.getlist("files")
    if any((file.size or 0) > config().max_attachment_bytes for file in files):
        raise UploadTooLarge
    return [
        keep_upload(
            file.read(),
            name=file.name or "file",
            content_type=file.content_type or "",
            by=request.user.actor,
        )
        for file in files
    ]


def numbers_in(texts: Iterable[str]) -> list[int]:
    """The ids among what a form sent; what is none is passed over."""
    return [int(t) for t in texts if t.isascii() and t.isdigit() and len(t) < 19]


def composer_context(
    request: SignedIn,
    conversation: Conversation,
    draft: Draft | None = None,
    *,
    kept: Sequence[KeptDraft] | None = None,
) -> dict[str, Any]:
    """What the composer's template is made of; `kept` are the reader's drafts, where they were read already."""
    shelf = shelf_asked(request, conversation)
    if kept is None:
        kept = drafts_of(conversation, agent=request.user)
    return {
        "kept": tuple(sorted({each.kind for each in kept})),
        "conversation": conversation,
        "draft": draft or fresh_draft(conversation),
        "base": f"/inbox/conversations/{conversation.ref}",
        "query": urlencode(
            {"shelf": shelf.name, "from": request.GET.get("from", "")}
            | ({"new": request.GET["new"]} if request.GET.get("new") else {})
        ),
        "most_bytes": config().max_attachment_bytes,
        "closed": _closed(request, conversation),
    }


def _closed(request: SignedIn, conversation: Conversation) -> str:
    """Why nothing can be written here; nothing where it can."""
    if not request.user.may_work:
        return gettext("You can read here; writing is for agents.")
    if conversation.state == State.SPAM:
        return gettext("This is marked as spam. Take the mark off before you answer.")
    if conversation.state == State.MERGED:
        into = conversation.merged_into
        return gettext("This was merged into {ref}. Go on there.").format(
            ref=into.ref if into else "?"
        )
    return ""


def composer(request: SignedIn, conversation: Conversation, draft: Draft | None = None) -> Fragment:
    """The composer for its place on the page."""
    context = composer_context(request, conversation, draft)
    return Fragment(
        "inbox/conversations/_composer.html", context, into="composer", swap="outerHTML"
    )


def composer_after_undo(request: SignedIn, withdrawn: Withdrawn) -> Fragment:
    """The composer with the words and files of a message that was taken back."""
    message = withdrawn.message
    conversation = message.conversation
    heads = message.addresses
    to_all = Recipients(to=heads.get("to", []), cc=heads.get("cc", []))
    draft = replace(
        fresh_draft(conversation),
        kind="all" if to_all.cc else "reply",
        text=message.text,
        to={"reply": people(to_all.to), "all": people(to_all.to)},
        cc={"reply": people(to_all.cc), "all": people(to_all.cc)},
        uploads=withdrawn.uploads,
    )
    return composer(request, conversation, draft)
