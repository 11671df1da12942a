"""Bouncing: reports about mails sent earlier (DSN, MDN, ARF): who, what status, which mail."""

from __future__ import annotations

import re
from collections.abc import Callable

from rapport.kernel.mail.attaching import read_part
from rapport.kernel.mail.decoding import clean_text
from rapport.kernel.mail.limiting import MailLimits
from rapport.kernel.mail.parsed import Bounce, BouncedRecipient, BounceKind
from rapport.kernel.mail.reading_headers import decode_header, read_addresses, read_ids
from rapport.kernel.mail.splitting import Headers, Part, SplitMail, read_headers, unfold

_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPTS = ("message/disposition-notification", "message/global-disposition-notification")
_ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global",
              "message/global-headers")  # fmt: skip
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b(?:5[05]\d|4[25]\d)[ -]")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]{1,64}@[a-z0-9.-]{1,190}[a-z0-9]", re.I)
_QUOTED_ID = re.compile(r"^[>\s]*message-id:\s*<([^<>\s]+)>", re.I | re.M)
_MOST_RECIPIENTS = 500


def is_report(mail: SplitMail) -> bool:
    """Whether `mail` has the shape of a report: a part made for machines, wherever it stands."""
    if mail.content_type == "multipart/report":
        return True
    return any(
        part.content_type in (*_REPORTS, *_RECEIPTS, "message/feedback-report")
        for part in mail.parts
    )


def read_bounce(
    mail: SplitMail, *, read: Callable[[str], str], text: str, limits: MailLimits
) -> Bounce:
    """The report that `mail` is; `read` gives a header's text, `text` is the mail's whole text."""
    recipients: list[BouncedRecipient] = []
    kind: BounceKind = "failed"
    for part in mail.parts:
        if part.content_type in _REPORTS:
            recipients += _recipients_of(mail.raw, part, limits)
        elif part.content_type in _RECEIPTS:
            kind = "receipt"
            recipients += _readers_of(mail.raw, part, limits)
        elif part.content_type == "message/feedback-report":
            kind = "complaint"
            recipients += _complainers_of(mail.raw, part, limits)
    original = _original_of(mail, limits)
    if not recipients and kind == "failed":
        recipients = _recipients_in_words(read, text)
    if kind == "failed" and recipients:
        kind = _kind_of(recipients)
    ids = read_ids(_text(original, "message-id")) or tuple(_QUOTED_ID.findall(text)[:1])
    return Bounce(
        kind=kind,
        recipients=tuple(recipients[:_MOST_RECIPIENTS]),
        original_message_id=ids[0] if ids else "",
        original_references=read_ids(read("in-reply-to") + " " + read("references")),
        original_subject=_text(original, "subject"),
    )


def _kind_of(recipients: list[BouncedRecipient]) -> BounceKind:
    actions = {one.action for one in recipients}
    if "failed" in actions:
        return "failed"
    return "delayed" if "delayed" in actions else "delivered"


def _blocks(raw: bytes, part: Part, limits: MailLimits) -> list[Headers]:
    """The header blocks of a report part."""
    data = (read_part(raw, part, limit=limits.text_bytes)[0] or b"").replace(b"\r\n", b"\n")
    blocks = []
    for block in re.split(rb"\n[ \t]*\n", data.strip(b"\n"))[: _MOST_RECIPIENTS * 2]:
        headers, _ = read_headers(block.strip(b"\n"), 0, len(block.strip(b"\n")), limits=limits)
        if headers:
            blocks.append(headers)
    return blocks


def _text(headers: Headers, name: str) -> str:
    values = headers.get(name)
    return decode_header(unfold(values[0])) if values else ""


def _typed(value: str) -> str:
    """The value behind a type: `rfc822; a@b` is a@b."""
    return value.partition(";")[2].strip() if ";" in value else value.strip()


def _address(value: str) -> str:
    value = _typed(value).strip("<> ")
    found = read_addresses(value.encode("utf-8", "replace"), limit=1)
    return found[0].address if found and found[0].address else value[:320]


def _recipients_of(raw: bytes, part: Part, limits: MailLimits) -> list[BouncedRecipient]:
    found = []
    for block in _blocks(raw, part, limits):
        named = _text(block, "original-recipient") or _text(block, "final-recipient")
        final = _text(block, "final-recipient") or named
        if not named:
            continue
        diagnostic = _typed(_text(block, "diagnostic-code")) or _text(block, "remote-mta")
        status = _STATUS.search(_text(block, "status")) or _STATUS.search(diagnostic)
        action = _text(block, "action").lower().split(" ")[0].strip(";()")
        if not action:
            action = "delayed" if status and status[1].startswith("4") else "failed"
        found.append(
            BouncedRecipient(
                address=_address(final) or _address(named),
                action=action,
                status=status[1] if status else "",
                diagnostic=diagnostic[:1000],
            )
        )
    return found


def _readers_of(raw: bytes, part: Part, limits: MailLimits) -> list[BouncedRecipient]:
    blocks = _blocks(raw, part, limits)
    named = next((_text(b, "final-recipient") for b in blocks if "final-recipient" in b), "")
    how = next((_text(b, "disposition") for b in blocks if "disposition" in b), "")
    action = how.rpartition(";")[2].strip().lower().split("/")[0] or "displayed"
    return [BouncedRecipient(_address(named), action, "", how)] if named else []


def _complainers_of(raw: bytes, part: Part, limits: MailLimits) -> list[BouncedRecipient]:
    found = []
    for block in _blocks(raw, part, limits):
        about = _text(block, "feedback-type") or "abuse"
        addresses = [_address(decode_header(value)) for value in block.get("original-rcpt-to", ())]
        found += [BouncedRecipient(address, about, "", "") for address in addresses]
    return found


def _original_of(mail: SplitMail, limits: MailLimits) -> Headers:
    """The headers of the mail that the report is about; empty when it does not say."""
    for part in mail.parts:
        if part.content_type in _ORIGINALS:
            data = read_part(mail.raw, part, limit=limits.part_bytes)[0] or b""
            headers, _ = read_headers(data.lstrip(b"\r\n"), 0, len(data), limits=limits)
            if headers:
                return headers
    return {}


def _recipients_in_words(read: Callable[[str], str], text: str) -> list[BouncedRecipient]:
    """What a report says only to people: the addresses and the first status in its text."""
    text = clean_text(text)[:20_000]
    status = _STATUS.search(text)
    named = read("x-failed-recipients")
    addresses = _ADDRESS.findall(named or text.partition("Message-I")[0][:4_000])
    code = _REPLY_CODE.search(text)
    start = code.start() if code else status.start() if status else 0
    diagnostic = " ".join(text[start : start + 300].split()) if code or status else ""
    unique = dict.fromkeys(one.lower() for one in addresses)
    return [
        BouncedRecipient(address, "failed", status[1] if status else "", diagnostic)
        for address in list(unique)[: 20 if named else 3]
    ]
