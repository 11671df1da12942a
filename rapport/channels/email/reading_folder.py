"""Reading a folder: which mails are new, and their exact bytes, without touching a flag."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imap_tools import BaseMailBox

from rapport.channels.email.reaching import words_of
from rapport.channels.explaining import coded

MOST_MAILS, MOST_BYTES = 50, 16_000_000
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail of the folder; with a `fault` its `raw` is only what could be got."""

    uid: int
    raw: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """What the server says of the folder when it is opened."""

    uid_validity: int
    uid_next: int


def open_folder(mailbox: BaseMailBox, name: str, *, readonly: bool) -> Folder:
    """Select it anew, so that its counts are of now; raises one of reaching.FAULTS."""
    mailbox.folder.set(name, readonly=readonly)

    def number(item: str) -> int:
        given = mailbox.client.untagged_responses.get(item)
        return int(bytes(given[-1])) if given and isinstance(given[-1], bytes) else 0

    return Folder(number("UIDVALIDITY"), number("UIDNEXT"))


def uids_after(mailbox: BaseMailBox, last_uid: int) -> list[int]:
    """The UIDs behind the cursor, ascending. `n:*` names the newest mail even when it is older."""
    found = mailbox.uids(f"UID {last_uid + 1}:*")
    return sorted({int(uid) for uid in found if uid and int(uid) > last_uid})


def in_batches(
    mailbox: BaseMailBox, uids: Sequence[int], *, most: int = MOST_MAILS
) -> Iterator[list[tuple[int, int]]]:
    """The UIDs with their sizes in bytes, cut so that a batch fits into memory."""
    batch: list[tuple[int, int]] = []
    weight = 0
    for start in range(0, len(uids), 500):
        sizes = sizes_of(mailbox, uids[start : start + 500])
        for uid in uids[start : start + 500]:
            size = sizes.get(uid, 0)
            if batch and (len(batch) >= most or weight + size > MOST_BYTES):
                yield batch
                batch, weight = [], 0
            batch.append((uid, size))
            weight += size
    if batch:
        yield batch


def sizes_of(mailbox: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    """The size of each mail that the server still has, in bytes."""
    sizes = {}
    for item in _command(mailbox, uids, "(UID RFC822.SIZE)"):
        line = item[0] if isinstance(item, tuple) else item
        uid, size = _UID.search(line), _SIZE.search(line)
        if uid and size:
            sizes[int(uid[1])] = int(size[1])
    return sizes


def fetch_bodies(mailbox: BaseMailBox, uids: Sequence[int]) -> list[Fetched]:
    """The mails in order; those deleted meanwhile are left out; one that is refused has a `fault`.

    Raises IMAP4.abort or OSError when the session is lost.
    """
    try:
        found = _literals(mailbox, uids, "(UID BODY.PEEK[])")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        found = {}
    fetched = [
        Fetched(uid, found[uid]) if uid in found else _fetch_one(mailbox, uid) for uid in uids
    ]
    return [mail for mail in fetched if mail is not None]


def fetch_head(mailbox: BaseMailBox, uid: int, *, fault: str) -> Fetched:
    """Only the headers of a mail that cannot be had whole, for somebody to look at."""
    try:
        found = _literals(mailbox, [uid], "(UID BODY.PEEK[HEADER])")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        return Fetched(uid, b"", f"{fault} {words_of(error)}".strip())
    return Fetched(uid, found.get(uid, b""), fault)


def _fetch_one(mailbox: BaseMailBox, uid: int) -> Fetched | None:
    try:
        found = _literals(mailbox, [uid], "(UID BODY.PEEK[])")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        return fetch_head(mailbox, uid, fault=coded("not_given", words_of(error)))
    if uid in found:
        return Fetched(uid, found[uid])
    if uid in sizes_of(mailbox, [uid]):
        return fetch_head(mailbox, uid, fault=coded("not_given"))
    return None


def _literals(mailbox: BaseMailBox, uids: Sequence[int], parts: str) -> dict[int, bytes]:
    items = _command(mailbox, uids, parts)
    found = {}
    for place, item in enumerate(items):
        if not isinstance(item, tuple):
            continue
        tail = items[place + 1] if place + 1 < len(items) else b""
        uid = _UID.search(item[0]) or _UID.search(tail if isinstance(tail, bytes) else b"")
        if uid:
            found[int(uid[1])] = bytes(item[1])
    return found


def _command(
    mailbox: BaseMailBox, uids: Sequence[int], parts: str
) -> Sequence[bytes | tuple[bytes, bytes]]:
    if not uids:
        return []
    status, items = mailbox.client.uid("FETCH", ",".join(map(str, uids)), parts)
    if status != "OK":
        raise imaplib.IMAP4.error(*[item for item in items if item] or [status])
    return [item for item in items if item is not None]
