"""Admitting: who may read the metrics. They tell strangers how busy a company is and what fails there.

With a token, whoever shows it. Without one, who asks on this very machine and in its name: not through a proxy,
which also comes from here, and not a page that somebody here has open, which asks in another name.
"""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from rapport.channels.contract import Refused
from rapport.edge.reading_bodies import Scope

#: What a proxy adds for the one that it speaks for.
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")


def check_reader(scope: Scope, *, token: str) -> None:
    """Raise Refused (401, 403) unless the request may read the metrics."""
    headers = dict(scope["headers"])
    if token:
        shown = headers.get(b"authorization", b"")
        if not hmac.compare_digest(shown, b"Bearer " + token.encode()):
            raise Refused(401, "Send the token of RAPPORT_METRICS_TOKEN as a bearer.")
    elif not _is_on_this_machine(scope, headers):
        raise Refused(403, "Ask on the machine itself, or set RAPPORT_METRICS_TOKEN.")


def _is_on_this_machine(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    if any(name in headers for name in FORWARDED):
        return False
    client = scope.get("client") or ("", 0)
    return _is_loopback(client[0]) and _is_loopback(_host_in(headers.get(b"host", b"")))


def _host_in(given: bytes) -> str:
    try:
        return urlsplit(f"//{given.decode('latin-1')}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
