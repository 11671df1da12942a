"""Parsing: one mail as it came, read into a `ParsedMail`. Pure: the same bytes give the same value.

It never raises but `UnreadableMail`, whatever the bytes are: a mail that cannot be read in part is
kept, and its warnings name what could not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial

from rapport.kernel.mail.bouncing import is_report, read_bounce
from rapport.kernel.mail.classifying import LOOP_HEADER, Evidence, classify_mail
from rapport.kernel.mail.decoding import clean_line, decode_bytes
from rapport.kernel.mail.folding import fold_text
from rapport.kernel.mail.gathering import gather_contents
from rapport.kernel.mail.limiting import DEFAULT_LIMITS, MailLimits, UnreadableMail
from rapport.kernel.mail.parsed import Address, ParsedMail
from rapport.kernel.mail.reading_headers import decode_header, read_addresses, read_date, read_ids
from rapport.kernel.mail.splitting import SplitMail, split_mail, unfold

_RECIPIENT_HEADERS = (
    "delivered-to", "x-original-to", "x-forwarded-to", "envelope-to", "x-envelope-to",
    "x-rcpt-to", "apparently-to", "resent-to",
)  # fmt: skip
_RECIPIENT_NAMES = frozenset(_RECIPIENT_HEADERS)
_OWN_ID = re.compile(r"[a-z0-9]+\.c\d+\.m\d+\.[a-z2-7]+@")
_MOST_IDS = 100
_MAIL_HEADERS = frozenset(
    ("from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "sender",
     "mime-version", "content-type", "delivered-to", "reply-to", "in-reply-to", "references")
)  # fmt: skip


def parse_mail(
    raw: bytes,
    *,
    limits: MailLimits = DEFAULT_LIMITS,
    own_addresses: Collection[str] = frozenset(),
    own_marker: str = "",
) -> ParsedMail:
    """The mail in `raw`.

    `own_addresses` are our mailboxes in lower case and `own_marker` the value of our loop header;
    with them a mail of ours that came back is recognised. Raises `UnreadableMail` if it is empty.
    """
    raw, cut = _bounded(bytes(raw), limits)
    mail = split_mail(raw, limits=limits)
    if cut:
        mail.warnings.append(cut)
    headers = _Headers(mail, limits)
    contents = gather_contents(mail, limits=limits)
    if not contents.text.strip() and not contents.attachments and not headers.is_mail:
        raise UnreadableMail("these bytes hold no mail: no header and no text")
    folded = fold_text(contents.text)
    ids = headers.ids("message-id")
    verdict = classify_mail(
        _evidence_of(mail, headers, own_addresses=own_addresses, own_marker=own_marker)
    )
    is_bounce = verdict.kind == "bounce"
    read = partial(read_bounce, mail, read=headers.text, text=contents.text, limits=limits)
    return ParsedMail(
        message_id=ids[0] if ids else "",
        in_reply_to=headers.ids("in-reply-to"),
        references=headers.ids("references"),
        thread_index="".join(headers.text("thread-index").split())[:2000],
        from_=headers.first_address("from"),
        sender=headers.first_address("sender"),
        reply_to=headers.addresses("reply-to"),
        to=headers.addresses("to"),
        cc=headers.addresses("cc"),
        recipients=headers.recipients(),
        return_path=headers.return_path(),
        subject=headers.text("subject")[:998],
        date=read_date(headers.text("date")),
        text=folded.text,
        quoted=folded.quoted,
        signature=folded.signature,
        full_text=contents.text.strip("\n"),
        html=contents.html,
        html_has_held_images=contents.has_held_images,
        language=headers.text("content-language")[:100] or headers.text("accept-language")[:100],
        attachments=tuple(contents.attachments),
        kind=verdict.kind,
        why=verdict.why,
        suppress_auto_reply=verdict.suppress_auto_reply,
        bounce=read() if is_bounce else None,
        invites=tuple(contents.invites),
        list_id=headers.text("list-id")[:500],
        auto_submitted=headers.text("auto-submitted").lower()[:100],
        loop_markers=tuple(headers.all_texts(LOOP_HEADER.lower(), "x-loop")),
        warnings=tuple(dict.fromkeys((*mail.warnings, *headers.warnings))),
        authentication=headers.authentication(),
    )


def _evidence_of(
    mail: SplitMail, headers: _Headers, *, own_addresses: Collection[str], own_marker: str
) -> Evidence:
    ids = headers.ids("message-id")
    return Evidence(
        read=headers.text,
        names=mail.headers.keys(),
        from_=headers.first_address("from"),
        subject=headers.text("subject"),
        return_path=headers.return_path(),
        is_report=is_report(mail),
        is_own_id=bool(ids and _OWN_ID.match(ids[0])),
        own_addresses=own_addresses,
        own_marker=own_marker,
    )


def _bounded(raw: bytes, limits: MailLimits) -> tuple[bytes, str]:
    if not raw.strip(b"\r\n\t \x00"):
        raise UnreadableMail("there are no bytes in this mail")
    if len(raw) > limits.mail_bytes:
        fault = f"the mail has {len(raw)} bytes and was cut at {limits.mail_bytes}"
        return raw[: limits.mail_bytes], fault
    return raw.lstrip(b"\r\n\x00") if raw[:1] in b"\r\n\x00" else raw, ""


class _Headers:
    """The header block of a mail as texts, addresses and ids, each read when it is asked for."""

    def __init__(self, mail: SplitMail, limits: MailLimits) -> None:
        self._raw = mail.headers
        self._limits = limits
        self._hint = mail.parameters.get("charset", "")
        self._texts: dict[str, str] = {}
        self._ids: dict[str, tuple[str, ...]] = {}
        self._first: dict[str, Address | None] = {}
        self.warnings: list[str] = []
        self.is_mail = not _MAIL_HEADERS.isdisjoint(mail.headers)

    def text(self, name: str) -> str:
        """The first header `name` as text, "" when there is none."""
        values = self._raw.get(name)
        if not values:
            return ""
        if name not in self._texts:
            self._texts[name] = decode_header(unfold(values[0]), hint=self._hint)
        return self._texts[name]

    def all_texts(self, *names: str) -> Iterator[str]:
        """Every header of these names as text, at most twenty of each."""
        for name in names:
            for value in self._raw.get(name, ())[:20]:
                text = decode_header(unfold(value), hint=self._hint)[:500]
                if text:
                    yield text

    def ids(self, name: str) -> tuple[str, ...]:
        """The Message-IDs of a header, the newest hundred."""
        if name not in self._ids:
            values = self._raw.get(name)
            if not values:
                return ()
            found = read_ids(" ".join(decode_header(unfold(x)) for x in values[:20]))
            self._ids[name] = found[-_MOST_IDS:]
        return self._ids[name]

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Everybody in all headers of this name, bounded with a warning."""
        values = self._raw.get(name)
        if not values:
            return ()
        most = self._limits.recipients
        found: list[Address] = []
        for value in values[:20]:
            found += read_addresses(unfold(value), limit=most + 1, hint=self._hint)
            if len(found) > most:
                self.warnings.append(
                    f"more than {most} addresses in {name.title()}: the rest was left out"
                )
                break
        return tuple(found[:most])

    def first_address(self, name: str) -> Address | None:
        """The first person in a header: with an address if one has any."""
        if name not in self._first:
            self._first[name] = self._read_first(name)
        return self._first[name]

    def _read_first(self, name: str) -> Address | None:
        values = self._raw.get(name, ())
        found = [
            one
            for value in values[:5]
            for one in read_addresses(unfold(value), limit=5, hint=self._hint)
        ]
        return next((one for one in found if one.address), found[0] if found else None)

    def authentication(self) -> tuple[str, ...]:
        """The Authentication-Results, topmost first, at most twenty of four thousand characters."""
        values = self._raw.get("authentication-results")
        if not values:
            return ()
        return tuple(clean_line(decode_bytes(unfold(value[:4000]))) for value in values[:20])

    def return_path(self) -> str | None:
        """The sender on the envelope: "" for the null sender, None when no header tells."""
        values = self._raw.get("return-path")
        if not values:
            return None
        found = read_addresses(unfold(values[0]), limit=1)
        return found[0].address if found else ""

    def recipients(self) -> tuple[str, ...]:
        """The addresses that headers of delivery name, lower case, each once."""
        if _RECIPIENT_NAMES.isdisjoint(self._raw):
            return ()
        found: dict[str, None] = {}
        for name in _RECIPIENT_HEADERS:
            for value in self._raw.get(name, ())[:20]:
                for one in read_addresses(unfold(value), limit=50):
                    if one.address:
                        found.setdefault(one.key)
        return tuple(found)[: self._limits.recipients]
