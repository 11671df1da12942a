"""Linking: where files that are lent can be fetched, if anybody outside can fetch something here."""

from __future__ import annotations

import ipaddress

from rapport.kernel.config import config


def link_to(token: str) -> str:
    """Where a lent file is fetched."""
    return f"{config().public_url.rstrip('/')}/files/{token}"


def can_be_reached() -> bool:
    """Whether the address of this deployment is one that others can open."""
    host = config().public_host
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")
