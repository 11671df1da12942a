"""Asking cards: what one of the company's systems says of a customer, bounded and kept for a while."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from rapport.customers.defining_cards import Unfilled, fill_url
from rapport.customers.models import Card, CardReply, Customer
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from rapport.kernel.net.calling import Answer, Unanswered, Unreachable, call
from rapport.kernel.net.guarding import Forbidden, Unresolved
from rapport.kernel.net.signing import sign_headers
from rapport.kernel.secrets import SecretUnreadable, unseal

log = logging.getLogger("rapport.customers")
MOST_BYTES, MOST_ITEMS, LONGEST_LABEL, LONGEST_VALUE = 65_536, 30, 80, 500
#: After a question that was not answered the system rests, so that no pane waits for it again and again.
REST = timedelta(seconds=15)
#: Replies are thrown away that nobody has asked for in so long.
FORGOTTEN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a card."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class CardShown:
    """What is known of the customer in that system; `fault` is what went wrong just now, `age` in seconds."""

    title: str
    items: tuple[Item, ...] = ()
    href: str = ""
    age: float | None = None
    fault: str = ""


class Nonsense(Exception):
    """The answer is not what a card can show."""


def ask_card(card: Card, customer: Customer, *, by: Actor, fresh: bool = False) -> CardShown:
    """What the system says; kept answers are shown for a while, and older ones where it does not answer.

    `fresh` asks now, whatever is kept. Must not be called in a transaction: it may wait for `card.seconds`.
    """
    now = clock.now()
    kept = CardReply.objects.filter(card=card, customer=customer).first()
    if kept and not fresh:
        rests = kept.fault and now - kept.asked_at < REST
        if rests or (not kept.fault and kept.age(now=now) < card.keep_seconds):
            return _shown(card, kept)
    if not fresh and card.rests_until and card.rests_until > now:
        return _shown(card, kept, fault="rests")
    try:
        said, fault = _ask(card, customer, by=by), ""
    except (Forbidden, Unresolved, Unreachable, Unanswered, Nonsense, Unfilled) as error:
        said, fault = None, FAULTS[type(error)]
        log.info("card not answered", extra={"card": card.pk, "fault": fault})
    except (SecretUnreadable, ValueError):
        said, fault = None, "secret"
    return _shown(card, _keep(card, customer, said, fault))


#: What went wrong, by what was raised.
FAULTS: dict[type[Exception], str] = {
    Forbidden: "forbidden",
    Unresolved: "unreachable",
    Unreachable: "unreachable",
    Unanswered: "slow",
    Nonsense: "nonsense",
    Unfilled: "unknown",
}


def facts_for(customer: Customer) -> dict[str, str]:
    """What may stand in the holes of an address, by name; of several addresses the first that was proved."""
    facts = {"id": str(customer.pk), "name": customer.name, "language": customer.language}
    for identity in sorted(customer.identities.all(), key=lambda i: (not i.is_verified, i.pk)):
        value = identity.value.rpartition(":")[2] if identity.kind == "external" else identity.value
        facts.setdefault(identity.kind, value)
    return facts | attribute_facts(customer.attributes)


def attribute_facts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The plain ones as `attribute:<key>`."""
    plain = {k: v for k, v in attributes.items() if isinstance(v, str | int | float)}
    return {f"attribute:{key}": str(value) for key, value in plain.items()}


def _ask(card: Card, customer: Customer, *, by: Actor) -> dict[str, Any]:
    url = fill_url(card.url, facts_for(customer))
    body = json.dumps(_question(customer, by), ensure_ascii=False).encode()
    secret = str(unseal(card.sealed).get("secret", ""))
    signed = sign_headers(
        [secret], message_id=f"msg_{uuid.uuid4().hex}", now=clock.now(), body=body
    )
    headers = {"content-type": "application/json", "accept": "application/json", **signed}
    answer = call(
        "POST",
        url,
        headers=headers,
        body=body,
        most_bytes=MOST_BYTES + 1,
        seconds=card.seconds,
    )
    return read_answer(answer)


def _question(customer: Customer, by: Actor) -> dict[str, Any]:
    identities = [
        {"kind": each.kind, "value": each.value, "is_verified": each.is_verified}
        for each in customer.identities.all()
    ]
    return {
        "type": "card.asked",
        "customer": {
            "id": customer.pk,
            "name": customer.name,
            "language": customer.language,
            "attributes": customer.attributes,
            "identities": identities,
        },
        "agent": {"id": by.id, "name": by.name},
    }


def read_answer(answer: Answer) -> dict[str, Any]:
    """What can be shown of it, cut to size: {"title", "href", "items"}. Raises Nonsense."""
    if not 200 <= answer.status < 300 or len(answer.body) > MOST_BYTES:
        raise Nonsense
    if answer.status == 204 or not answer.body.strip():
        return {"items": []}
    try:
        said = json.loads(answer.body)
        items = said.get("items", [])
        lines = [_line(item) for item in items[:MOST_ITEMS]]
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        raise Nonsense from None
    title, href = _words(said.get("title", ""), LONGEST_LABEL), _link(said.get("href", ""))
    return {"title": title, "href": href, "items": lines}


def _line(item: Any) -> dict[str, str]:
    label, value = _words(item["label"], LONGEST_LABEL), _words(item["value"], LONGEST_VALUE)
    return {"label": label, "value": value, "href": _link(item.get("href", ""))}


def _words(value: Any, most: int) -> str:
    """Plain words on one line; what PostgreSQL cannot keep is left out."""
    if isinstance(value, dict | list):
        raise TypeError(value)
    text = "" if value is None else str(value)
    seen = "".join(each for each in text[: most * 4] if each.isprintable() or each.isspace())
    plain = " ".join(seen.encode("utf-8", "ignore").decode().split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _link(value: Any) -> str:
    """The address, if it is one of the web."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    fit = parts.scheme in ("http", "https") and parts.hostname and len(text) <= 2_000
    return text if fit and text.isprintable() and " " not in text else ""


def _keep(card: Card, customer: Customer, said: dict[str, Any] | None, fault: str) -> CardReply:
    now = clock.now()
    values: dict[str, Any] = {"asked_at": now, "fault": fault}
    if said is not None:
        values |= {"said": said, "said_at": now}
    rests = now + REST if fault in ("slow", "unreachable") else None
    if rests or card.rests_until:
        Card.objects.filter(pk=card.pk).update(rests_until=rests)
    old = CardReply.objects.filter(asked_at__lt=now - FORGOTTEN).order_by("asked_at")[:50]
    CardReply.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    reply, _made = CardReply.objects.update_or_create(card=card, customer=customer, defaults=values)
    return reply


def _shown(card: Card, reply: CardReply | None, *, fault: str = "") -> CardShown:
    said: dict[str, Any] = dict(reply.said) if reply else {}
    return CardShown(
        said.get("title") or card.title,
        tuple(Item(**item) for item in said.get("items", ())),
        said.get("href", ""),
        reply.age(now=clock.now()) if reply and reply.said_at else None,
        fault or (reply.fault if reply else ""),
    )
