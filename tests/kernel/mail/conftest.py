"""The recorded mails, and a way to write one down in a line."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def mails(shared_data: Path) -> Path:
    """The folder of recorded mails."""
    return shared_data / "channels" / "email"


def plain(body: str | bytes = "Hello", *headers: str, charset: str = "utf-8") -> bytes:
    """A mail from Dora with these further headers; a header named twice stands twice."""
    names = {line.partition(":")[0].lower() for line in headers}
    usual = {
        "From": "Dora <dora@example.com>",
        "To": "support@example.org",
        "Subject": "Parcel",
        "Message-ID": "<one@example.com>",
        "Content-Type": f"text/plain; charset={charset}",
    }
    lines = [f"{name}: {value}" for name, value in usual.items() if name.lower() not in names]
    head = "\r\n".join([*lines, *headers]).encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode(charset))
