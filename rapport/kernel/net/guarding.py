"""Guarding: which addresses may be called. What is checked is what is connected to."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Public by number and yet the inside of a cloud: Azure's host, as its guests reach it.
_INSIDE = (
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.0/24"),  # Oracle's metadata; older Pythons call it global
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}


class Forbidden(Exception):
    """This address may not be called; the message says why."""


class Unresolved(Exception):
    """The name is not known just now."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect (`ip`, `port`) and how it is called (`scheme`, `host`, `path`)."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def pinned_url(self) -> str:
        """The same address with the name replaced by the number that was checked."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def find_target(url: str, *, allowed: str = "") -> Target:
    """Resolve and check; raises Forbidden or Unresolved.

    `allowed` names hosts or networks inside, comma-separated ("crm.local, 10.1.0.0/16"); only they may also be
    called without TLS.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Forbidden("the address is not a URL") from None
    if parts.scheme not in _PORTS or not host:
        raise Forbidden("the address must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("the address must not hold a user or password")
    entries = [entry.strip().lower() for entry in allowed.split(",") if entry.strip()]
    if parts.scheme != "https" and not entries:
        raise Forbidden("the address must begin with https://")
    ips = _resolve(host)
    is_allowed = _is_allowed(host, ips, entries)
    if not is_allowed and parts.scheme != "https":
        raise Forbidden("the address must begin with https://")
    if not is_allowed and any(is_inside(ip) for ip in ips):
        raise Forbidden("the address leads inside a private network")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path, str(ips[0]))


def is_inside(ip: Ip) -> bool:
    """Whether an address is anything but the public internet, however it is dressed up."""
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if hidden is None and ip in _NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden:
            return is_inside(hidden)
    return (
        not ip.is_global or ip.is_multicast or ip.is_reserved or any(ip in net for net in _INSIDE)
    )


def _resolve(host: str) -> list[Ip]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unresolved(f"{host} cannot be found") from None
    ips = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return list(dict.fromkeys(ips))


def _is_allowed(host: str, ips: list[Ip], entries: list[str]) -> bool:
    if host.lower() in entries:
        return True
    networks = []
    for entry in entries:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            continue
    return bool(networks) and all(any(ip in network for network in networks) for ip in ips)
