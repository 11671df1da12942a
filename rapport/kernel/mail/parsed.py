"""What a mail is once it has been read: frozen values, safe to store and to compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

MailKind = Literal["human", "auto_reply", "bulk", "bounce", "own"]
BounceKind = Literal["failed", "delayed", "delivered", "receipt", "complaint"]


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody as a header names them. `address` is "" when the header held only a name."""

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address as it is compared: lower case."""
        return self.address.lower()

    @property
    def label(self) -> str:
        """What a reader sees first: the name, else the address."""
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along. `content_type` is what the bytes are, `declared_type` the claim.

    `data` is None when the part was refused, and `refused` then says why in one sentence. `part` is
    the 0-based place of the part in the mail, stable for the same bytes.
    """

    name: str
    content_type: str
    declared_type: str
    size: int
    content_id: str
    is_inline: bool
    data: bytes | None
    refused: str
    sha256: str
    part: int


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One recipient of a delivery report: `action` and `status` as RFC 3464 names them."""

    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def is_permanent(self) -> bool:
        """Whether trying again is useless: it failed and the status is not of class 4."""
        return self.action == "failed" and not self.status.startswith("4.")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report about a mail that we (or somebody in our name) sent earlier.

    `kind`: "failed", "delayed" (not a failure), "delivered", "receipt" (read by a person, MDN) or
    "complaint" (marked as spam, ARF). `original_message_id` is without brackets, "" when unknown.
    """

    kind: BounceKind
    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str
    original_references: tuple[str, ...]
    original_subject: str

    @property
    def failed_addresses(self) -> tuple[str, ...]:
        """The addresses that could not be reached, lower case."""
        return tuple(r.address.lower() for r in self.recipients if r.action == "failed")


@dataclass(frozen=True, slots=True)
class Invite:
    """A calendar entry in a mail. `starts`/`ends` are ISO 8601 with offset, or a bare date."""

    method: str
    uid: str
    summary: str
    starts: str
    ends: str
    is_all_day: bool
    location: str
    organizer: str
    attendees: tuple[str, ...]
    status: str
    sequence: int
    is_recurring: bool


class ParsedMail(NamedTuple):
    """One mail, read. Texts have LF line ends, no NUL and no lone surrogates.

    `text` holds the new words, `quoted` the folded history, `signature` the folded signature and
    `full_text` everything; `html` is sanitised and whole, "" when the mail has none. Message-IDs
    are without brackets. `recipients` are addresses, lower case, that the mail was really delivered to
    as far as headers tell. `return_path` is "" for the null sender and None when there is no such
    header. `why` says what made `kind`. `warnings` name what was odd or refused.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    thread_index: str
    from_: Address | None
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    recipients: tuple[str, ...]
    return_path: str | None
    subject: str
    date: datetime | None
    text: str
    quoted: str
    signature: str
    full_text: str
    html: str
    html_has_held_images: bool
    language: str
    attachments: tuple[Attachment, ...]
    kind: MailKind
    why: str
    suppress_auto_reply: bool
    bounce: Bounce | None
    invites: tuple[Invite, ...]
    list_id: str
    auto_submitted: str
    loop_markers: tuple[str, ...]
    warnings: tuple[str, ...]
    authentication: tuple[str, ...] = ()
