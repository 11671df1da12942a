"""Doubting: a mail that may not be from whom it says. Shown to people; nothing is refused for it.

What the server that the mailbox trusts says of the sender is kept with the message. Without such a word
there is no doubt: a mail that a colleague sends inside the house is checked by nobody.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from rapport.channels.email.setting_up import DOMAINS
from rapport.kernel.mail.authenticating import judge_sender, servers_named
from rapport.kernel.mail.parsed import ParsedMail

MOST_SERVERS = 3
_ADDRESS = re.compile(r"[^\s<>()\"',;:@]+@[^\s<>()\"',;:@]+\.[^\s<>()\"',;:@]+")


def check_sender(
    mail: ParsedMail, *, config: Mapping[str, Any], own_addresses: frozenset[str]
) -> dict[str, Any]:
    """What is known of the sender's honesty, for the message's extras; empty where nothing is.

    `sender_check` holds the words of the trusted server, `unheard` the names of others, and `doubts` codes:
    dmarc_failed, posing (as one of us, unproved), posing_name (our address as the name of another).
    """
    found: dict[str, Any] = {}
    author = mail.from_.key if mail.from_ else ""
    ours = _is_ours(author, own_addresses)
    doubts = []
    check = judge_sender(
        mail.authentication,
        trusted=str(config.get("authserv_id") or ""),
        domain=author.rpartition("@")[2],
    )
    if check:
        found["sender_check"] = {name: getattr(check, name) for name in check.__slots__}
        doubts = ["dmarc_failed"] if check.verdict == "fail" else []
        if ours and check.verdict == "none":
            doubts = ["posing"]
    elif mail.authentication:
        found["unheard"] = servers_named(mail.authentication)[:MOST_SERVERS]
    if not ours and _bears_our_name(mail, own_addresses):
        doubts.append("posing_name")
    return {**found, "doubts": doubts} if doubts else found


def _bears_our_name(mail: ParsedMail, own: frozenset[str]) -> bool:
    """Whether the name before the address is one of our addresses, which many programs show alone."""
    if mail.from_ is None or "@" not in mail.from_.name:
        return False
    return any(_is_ours(one.lower(), own) for one in _ADDRESS.findall(mail.from_.name))


def _is_ours(address: str, own: frozenset[str]) -> bool:
    return address in own or address.rpartition("@")[2] in _domains(own)


@functools.lru_cache(maxsize=8)
def _domains(own: frozenset[str]) -> frozenset[str]:
    """The domains that are ours alone; those of the great providers are everybody's."""
    return frozenset(address.rpartition("@")[2] for address in own) - DOMAINS.keys() - {""}
