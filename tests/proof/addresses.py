"""Every address that Django serves, filled with the ids of Dora's conversation: for whoever guesses them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from rapport.accounts.granting_tokens import grant_token
from rapport.accounts.inviting import invite
from rapport.channels.models import Channel, Envelope
from rapport.conversations.asking_aside import ask_aside
from rapport.conversations.handling_many import begin_bulk
from rapport.conversations.keeping_views import Draft, keep_view
from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Attachment, JoinProposal, Message
from rapport.conversations.splitting import split_conversation
from rapport.conversations.templating import save_template
from rapport.customers.defining_attributes import define_attribute
from rapport.customers.defining_cards import define_card
from rapport.customers.merging import merge_customers
from rapport.customers.models import Likeness
from rapport.customers.writing_notes import write_customer_note
from rapport.kernel.secrets import seal
from rapport.kernel.storage import store_file
from tests.cast import Cast
from tests.makers import make_conversation, make_customer, make_inbound

#: Open to strangers by design: signing in, links with a secret in them, providers with a signature.
OPEN = re.compile(
    r"$|sign-in/|sign-out/|\^?password/|setup/|join/|\^anymail/|\^?static/|\^api/|files/<"
    r"|api/v1/openapi|api/v1/$"
)
#: Shows and changes nobody but oneself.
OWN = "settings/profile"
FILE = b"a photo of the seam of the marmot tent"
#: Words that stand in Dora's conversation, its files, its mailbox, and nowhere else.
THEIR_WORDS = (
    "Namiot", "przecieka", "namiot", "szwu", "dora@poczta", "Zielińska", "piwór", "Zamek", "seam",
    "marmot", "hook-secret-of-help", "C-{tent}", "row_{tent}",
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """A route, and the path with theirs filled in; `is_about` says that it names something of theirs."""

    route: str
    path: str
    is_about: bool

    @property
    def is_own(self) -> bool:
        return self.route.startswith(OWN)


def make_theirs(cast: Cast) -> dict[str, int]:
    """Give Dora's conversation one of everything that has an address; ids by their address's beginning."""
    cast.mail.sealed, cast.mail.hook_secret = seal({"password": "marmot"}), "hook-secret-of-help"
    cast.mail.save()
    bag = make_conversation(cast.dora, subject="Śpiwór", text="Śpiwór?", team=cast.support)
    zip_ = make_inbound(bag, text="Zamek.", external_id="zamek@poczta.example")
    split = split_conversation(bag, messages=[zip_.pk], by=cast.ada.actor, subject="Zamek")
    merge = merge_conversations(bag, into=cast.tent, by=cast.ada.actor)
    aside = ask_aside(cast.tent, by=cast.ben.actor, text="Szwu? The marmot asks.")
    join = JoinProposal.objects.create(conversation=split.made, other=cast.tent, reasons=["x"])
    message = cast.tent.messages.filter(direction="in").latest("pk")
    raw = b"From: dora@poczta.example\r\nSubject: Namiot\r\n\r\nprzecieka"
    envelope = Envelope.objects.create(
        channel=cast.mail, event_id="mail:x", raw=raw, state="parked", message_id=message.pk
    )
    Message.objects.filter(pk=message.pk).update(envelope_id=envelope.pk, html="<p>szwu</p>")
    digest = hashlib.sha256(FILE).hexdigest()
    stored = store_file(FILE, sha256=digest)
    file = Attachment.objects.create(
        message=message, name="marmot.jpg", size=len(FILE), sha256=digest, stored_name=stored
    )
    union, likeness = _make_twins(cast)
    card, _secret = define_card(
        None, title="Shop", kind="json", url="https://127.0.0.1:9/", by=cast.ada.actor
    )
    waiting = Attachment.objects.create(
        name="marmot.jpg", size=len(FILE), stored_name=stored, uploaded_by=cast.ada
    )
    words = {"title": "Marmot tent", "texts": {"pl": "Namiot przecieka"}}
    template = save_template(None, **words, team=cast.support, by=cast.ada.actor)
    invitation, _secret = invite(email="marmot@maple.example", role="agent", by=cast.ada.actor)
    return {
        "conversations/": cast.tent.pk,
        "messages/": message.pk,
        "parked/": envelope.pk,
        "envelopes/": envelope.pk,
        **_beside(cast),
        "merges/": merge.pk,
        "splits/": split.pk,
        "joins/": join.pk,
        "sides/": aside.conversation_id,
        "files/": file.pk,
        "attachments/": file.pk,
        "uploads/": waiting.pk,
        "identities/": cast.dora.identities.order_by("pk")[0].pk,
        "cards/": card.pk,
        "attributes/": define_attribute(None, key="size", label="Size", by=cast.ada.actor).pk,
        "unions/": union.pk,
        "likenesses/": likeness.pk,
        "notes/": write_customer_note(cast.dora, text="marmot", by=cast.ben.actor).pk,
        "invitations/": invitation.pk,
        "views/": keep_view(Draft("marmot", "is:open", team=cast.support), by=cast.ben.actor).pk,
        "templates/": template.pk,
    }


def _beside(cast: Cast) -> dict[str, int]:
    """What stands there already, a key, and what Ada did to many."""
    many = {"deed": "priority", "value": "2", "client_key": "marmot"}
    return {
        "bulks/": begin_bulk([cast.tent.pk], by=cast.ada.actor, **many).pk,
        "brands/": cast.brand.pk,
        "channels/": cast.mail.pk,
        "customers/": cast.dora.pk,
        "people/": cast.ben.pk,
        "teams/": cast.support.pk,
        "tokens/": grant_token(cast.ben, name="marmot", scopes=["*"], by=cast.ben.actor)[0].pk,
    }


def _make_twins(cast: Cast) -> tuple[Any, Likeness]:
    """One who was merged with Dora, and one who may be her."""
    twin = make_customer("D. Zielińska", email="d@marmot.example")
    make_conversation(twin, subject="Namiot", team=cast.support)
    union = merge_customers(twin, into=cast.dora, by=cast.ada.actor, across_verified=True)
    twin = make_customer("Dora Zielińska", email="z@marmot.example")
    make_conversation(twin, subject="Namiot", team=cast.support)
    likeness = Likeness.objects.create(
        one=cast.dora, other=twin, reasons=["named"], by_kind="system"
    )
    return union, likeness


def private_addresses(numbers: Mapping[str, int]) -> list[Address]:
    """Every address that is not open to strangers, with their ids in it."""
    found = {}
    for route in _routes(get_resolver().url_patterns):
        if not OPEN.match(route):
            found[route] = Address(route, "/" + _filled(route, numbers), "<" in route)
    return list(found.values())


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def _filled(route: str, numbers: Mapping[str, int]) -> str:
    """The path with an id, a shelf or a name put in; a route that nobody has thought of is an error."""

    def fill(part: re.Match[str]) -> str:
        kind, _, name = part[1].rpartition(":")
        if kind == "ref":
            return f"C-{numbers['conversations/']}"
        if name == "channel":
            return str(Channel.objects.get(kind="webhook").public_id)
        if kind == "int":
            before = re.findall(r"[a-z]+/", route[: part.start()])
            known = [numbers[place] for place in reversed(before) if place in numbers]
            assert known or OWN in route, f"say in make_theirs whose id stands in {route}"
            return str(known[0] if known else 1)
        if route.startswith("settings/health/followers/"):
            return "conversations.search"
        return "all" if name == "shelf" else "vip"

    return re.sub(r"<([a-z:]+)>", fill, route)
