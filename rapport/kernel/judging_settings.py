"""Judging settings: what is wrong with a value, in an operator's words, and what to give instead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from difflib import get_close_matches
from email.utils import parseaddr
from urllib.parse import urlsplit

_COUNT = "give a whole number from 1 on, such as 2"
_BYTES = "give a number of bytes from 1024 on, such as 60000000"
_SWITCH = "give true or false"

#: What to give instead, for each setting whose value can be wrong.
FIXES = {
    "database_url": "give postgresql://user:password@host/name, or leave it out for the embedded one",
    "redis_url": "give redis://host:6379/0, or leave it out",
    "secret_key": "give a long random text, or leave it out and one is made in the data folder",
    "public_url": "give the address that people open, such as https://desk.example.com",
    "port": "give a port from 0 to 65535, such as 8000",
    "allowed_hosts": "give host names with commas between them, such as desk.example.com,desk.local",
    "behind_proxy": _SWITCH,
    "metrics_token": "give a long random text without spaces, or leave it out to read them here alone",
    "debug": _SWITCH,
    "log_format": "give one of: text, json",
    "log_level": "give one of: DEBUG, INFO, WARNING, ERROR",
    "max_mail_bytes": _BYTES,
    "max_body_bytes": _BYTES,
    "max_attachment_bytes": _BYTES,
    "web_threads": _COUNT,
    "edges": _COUNT,
    "workers": _COUNT,
    "work_batch": _COUNT,
    "undo_seconds": "give whole seconds from 0 to 600, such as 5",
    "smtp_url": "give smtp://user:password@host:587 or smtps://user:password@host:465, or leave it out",
    "mail_from": "give an address such as desk@example.com or Support <desk@example.com>",
    "mail_domain": "give a domain such as example.com",
    "s3_endpoint": "give an address such as https://s3.example.com, or leave it out for Amazon's own",
    "net_allow": "give hosts or networks with commas between them, such as crm.local,10.1.0.0/16",
}

#: How an address may begin, the usual way first.
SCHEMES = {
    "database_url": ("postgresql", "postgres"),
    "redis_url": ("redis", "rediss", "unix"),
    "public_url": ("http", "https"),
    "smtp_url": ("smtp", "smtps"),
    "s3_endpoint": ("https", "http"),
}
#: A database may be named by its socket in the parameters, and a bus by the path of its own.
_NEEDS_HOST = {"public_url", "smtp_url", "s3_endpoint"}
_HOST = re.compile(r"\.?[\w-]+(\.[\w-]+)*\.?|\[[0-9a-fA-F:.]+\]|\*")
SHORTEST_KEY = 32
_TOKEN = re.compile(r"[!-~]{16,200}")


def find_fault(name: str, value: str) -> str:
    """What is wrong with a text that was given for the setting `name`; empty when nothing is."""
    if name in SCHEMES:
        return _fault_of_address(name, value)
    if name == "secret_key" and len(value) < SHORTEST_KEY:
        return f"shorter than {SHORTEST_KEY} characters"
    if name == "metrics_token" and not _TOKEN.fullmatch(value):
        return "not 16 to 200 letters, digits or marks"
    if name == "mail_from" and not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        return f"{value!r} is wrong: it holds no mail address"
    if name == "mail_domain" and not re.fullmatch(_HOST, value):
        return f"{value!r} is wrong: it is no domain"
    if name in ("allowed_hosts", "net_allow"):
        is_fine = _is_host if name == "allowed_hosts" else _is_host_or_network
        wrong = [entry for entry in entries_of(value) if not is_fine(entry)]
        return f"{wrong[0]!r} is wrong: it is no host name" if wrong else ""
    return ""


def entries_of(value: str) -> list[str]:
    """What a setting lists, with commas between."""
    return [entry for part in value.split(",") if (entry := part.strip())]


def explain_type(message: str) -> str:
    """What is wrong with a value of the wrong kind, out of what msgspec says of it."""
    if "`bool`" in message:
        return "it is neither true nor false"
    if "enum" in message:
        return "there is no such choice"
    if bound := re.search(r"([<>])= (\d+)", message):
        return f"it is {'more' if bound[1] == '<' else 'less'} than {bound[2]}"
    return "it is no whole number"


def nearest_hint(variable: str, known: Iterable[str]) -> str:
    """The setting that was probably meant, as the fix for one that does not exist."""
    near = get_close_matches(variable, sorted(known), 1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else "docs/settings.md lists those that exist"


def _fault_of_address(name: str, value: str) -> str:
    """The value itself is never repeated: it may hold a password."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "it cannot be read as an address"
    if parts.scheme not in SCHEMES[name]:
        return f"the address must start with {SCHEMES[name][0]}://"
    return "the address names no host" if name in _NEEDS_HOST and not host else ""


def _is_host(entry: str) -> bool:
    return re.fullmatch(_HOST, entry) is not None


def _is_host_or_network(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return _is_host(entry)
    return True
