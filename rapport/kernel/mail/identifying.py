"""Identifying: a mail's name at the door, cheap, before anybody reads it.

The same mail comes more than once: by two mailboxes, by a retry, by a cursor that was set back. On
its way its trace headers change and its words do not. Two mails that share a Message-ID (there are
mailers that give every mail the same one) differ in their words.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from rapport.kernel.mail.decoding import clean_line
from rapport.kernel.mail.reading_headers import read_addresses, read_ids
from rapport.kernel.mail.splitting import repair_line_ends, unfold

_COVERED = re.compile(
    rb"^(message-id|from|date|subject|to|cc)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*)", re.I | re.M
)
#: A line among the headers that is none, except an mbox line, which tells of a delivery and not of the mail.
_ODD = re.compile(rb"^(?![!-9;-~]++[ \t]*+:|[ \t]|>?From )[^\n]++", re.M)
_BODY = re.compile(rb"\n\r?\n")
_EVENT = "mail:"
_ANGLE = re.compile(rb"<([^<>\s@]{1,128}@[^<>\s@]{1,255})>\s*$")


class MailKey(NamedTuple):
    """The key of a mail at the door.

    `message_id` without brackets ("" when there is none), `sender` the From address in lower case
    ("" when there is none; the lane in which mails keep their order), `content_hash` 64 hex digits.
    """

    message_id: str
    sender: str
    content_hash: str

    @property
    def event_id(self) -> str:
        """What makes a delivery unique in its channel: equal for equal mails, and only for them."""
        return f"{_EVENT}{self.content_hash}"


def mail_key(raw: bytes) -> MailKey:
    """The key of the mail `raw`. Linear in its size; never raises."""
    raw = repair_line_ends(raw)
    found = _BODY.search(raw)
    head = raw[: found.start() + 1] if found else raw
    body = raw[found.end() :] if found else b""
    digest = hashlib.sha256(usedforsecurity=False)
    sender = message_id = b""
    is_bare = not body.strip()
    for name, value in _COVERED.findall(head):
        is_bare = False
        name, value = name.lower(), b" ".join(value.split())
        digest.update(b"%b:%b\n" % (name, value))
        if name == b"from" and not sender:
            sender = value
        elif name == b"message-id" and not message_id:
            message_id = value
    for line in _ODD.findall(head):
        is_bare = False
        digest.update(b"%b\n" % line.rstrip())
    digest.update(raw if is_bare else b"\n")
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    digest.update(body.rstrip())
    return MailKey(_id_of(message_id), _sender_of(sender), digest.hexdigest())


def hash_in(event_id: str) -> str:
    """The content hash of the mail that was named so at the door; "" where something else named it."""
    return event_id.removeprefix(_EVENT) if event_id.startswith(_EVENT) else ""


def _id_of(value: bytes) -> str:
    ids = read_ids(clean_line(value.decode("utf-8", "replace"))) if value else ()
    return ids[0] if ids else ""


def _sender_of(value: bytes) -> str:
    found = _ANGLE.search(value)
    if found and value.isascii():
        return found[1].decode("ascii").lower()
    senders = read_addresses(unfold(value), limit=5) if value else ()
    return next((one.key for one in senders if one.address), "")
