"""Defining cards: which of the company's systems stand beside a customer, and how they are asked."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import check_admin
from rapport.accounts.queueing import one_at_a_time
from rapport.customers.events import CardDefined, CardDropped
from rapport.customers.locking import Refusal
from rapport.customers.models import Card, CardKind
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.net.signing import PREFIX
from rapport.kernel.secrets import seal

MOST, LONGEST = 12, 2_000
HOLE = re.compile(r"\{([^{}]*)\}")
#: What may stand in braces; `attribute:<key>` besides.
HOLES = frozenset({"id", "name", "email", "phone", "external", "language"})


class BadCard(Refusal):
    """Neither title nor address is right."""

    message = _(
        "A card needs a title, and an address that begins with https:// and a fixed host. In braces may stand "
        "id, name, email, phone, external, language or attribute:key."
    )


class TooManyCards(Refusal):
    """The pane has an end."""

    message = _("There are 12 cards. Delete one that nobody needs.")


class Unfilled(Exception):
    """Nothing is known of the customer that would fill this hole: its name is the text."""


def define_card(
    card: Card | None,
    *,
    title: str,
    url: str,
    by: Actor,
    kind: str = CardKind.LINK,
    seconds: float = 1.0,
    keep_seconds: int = 300,
) -> tuple[Card, str]:
    """Make one or change it; returns it and, for a new one that asks, its secret, shown this once.

    `seconds` is the time-out (0.1 to 5), `keep_seconds` how long an answer holds (0 to a day).
    Raises BadCard, TooManyCards, AdminsOnly.
    """
    title, url = " ".join(title.split()), url.strip()
    if not 0 < len(title) <= 60 or kind not in CardKind.values or not _is_fit(url):
        raise BadCard
    with transaction.atomic():
        check_admin(by)
        one_at_a_time("cards")
        if card is None and Card.objects.count() >= MOST:
            raise TooManyCards
        card = card or Card()
        card.title, card.url, card.kind = title, url, kind
        card.seconds = min(max(seconds, 0.1), 5.0)
        card.keep_seconds = min(max(keep_seconds, 0), 86_400)
        card.rests_until = None
        secret = "" if card.sealed or kind == CardKind.LINK else make_secret()
        if secret:
            card.sealed = seal({"secret": secret})
        card.save()
        card.replies.all().delete()
        journal.record(CardDefined(by=by, number=card.pk, title=title))
    return card, secret


def renew_secret(card: Card, *, by: Actor) -> str:
    """Another secret; the old one is good no longer. Returns it, shown this once. Raises AdminsOnly."""
    with transaction.atomic():
        check_admin(by)
        secret = make_secret()
        Card.objects.filter(pk=card.pk).update(sealed=seal({"secret": secret}))
        journal.record(CardDefined(by=by, number=card.pk, title=card.title))
    return secret


def drop_card(card: Card, *, by: Actor) -> None:
    """It stands beside nobody any longer. Twice is once. Raises AdminsOnly."""
    number = card.pk
    with transaction.atomic():
        check_admin(by)
        gone, _rows = Card.objects.filter(pk=number).delete()
        if gone:
            journal.record(CardDropped(by=by, number=number, title=card.title))


def fill_url(template: str, facts: Mapping[str, str]) -> str:
    """The address with facts in place of its holes, so quoted that none can leave its place. Raises Unfilled."""

    def fill(found: re.Match[str]) -> str:
        value = facts.get(found[1], "")
        if not value:
            raise Unfilled(found[1])
        return quote(value, safe="")

    return HOLE.sub(fill, template)


def make_secret() -> str:
    """A key as Standard Webhooks writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _is_fit(url: str) -> bool:
    """One scheme, one host without holes, and no hole that nothing could fill."""
    if len(url) > LONGEST or any(each.isspace() or ord(each) < 32 for each in url):
        return False
    holes = HOLE.findall(url)
    bare = HOLE.sub("", url)
    known = all(hole in HOLES or re.fullmatch(r"attribute:.{1,100}", hole) for hole in holes)
    try:
        parts = urlsplit(url)
        host = parts.netloc
    except ValueError:
        return False
    plain = parts.scheme in ("https", "http") and host and not set(host) & set("{}@")
    return bool(plain) and known and not set(bare) & set("{}")
