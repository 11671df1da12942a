"""Composing: a mail of ours as bytes, ready for SMTP. The same call gives the same bytes.

Text comes first and HTML second, so that every reader finds one that it can show; headers thread;
what a machine wrote says so. Nothing in a value can begin a header of its own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html as entities
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from rapport.kernel.mail.classifying import LOOP_HEADER
from rapport.kernel.mail.parsed import Address
from rapport.kernel.mail.rendering import (
    Links,
    quote_html,
    quote_plain,
    render_markdown,
    render_page,
    render_plain,
)
from rapport.kernel.mail.writing_headers import (
    UnsendableMail,
    address_line,
    check_id,
    check_value,
    header_line,
    id_line,
    parameters,
)

MOST_REFERENCES = 20
_LONGEST_PLAIN_LINE = 76


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send along. With a `content_id` it is a picture that the text shows as `cid:`."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What came before, quoted below: a line such as "On Monday Dora wrote:" and the words."""

    attribution: str
    text: str


def compose_mail(
    *,
    sender: Address,
    to: Sequence[Address],
    subject: str,
    body: str,
    message_id: str,
    date: datetime,
    cc: Sequence[Address] = (),
    reply_to: Address | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    signature: str = "",
    history: History | None = None,
    files: Sequence[OutgoingFile] = (),
    links: Links | None = None,
    language: str = "",
    reply_above: str = "",
    automatic: Literal["", "auto-replied", "auto-generated"] = "",
    loop_marker: str = "",
    unsubscribe_url: str = "",
) -> bytes:
    """The mail as bytes with CRLF line ends, 7-bit safe.

    `body` and `signature` are Markdown; `message_id`, `in_reply_to` and `references` stand without
    brackets, the references root first; `date` is aware. `automatic` names what a machine wrote.
    `reply_above` is the localised line above which an answer is to be written. Raises
    `UnsendableMail` when a value may not go into a mail.
    """
    lines = [
        address_line("From", [sender]),
        *([address_line("Reply-To", [reply_to])] if reply_to else []),
        address_line("To", to) if to else "To: undisclosed-recipients:;",
        *([address_line("Cc", cc)] if cc else []),
        header_line("Subject", subject),
        f"Date: {_format_date(date)}",
        id_line("Message-ID", [message_id]),
        *_thread_lines(in_reply_to, references),
        *_automatic_lines(automatic, loop_marker, unsubscribe_url),
        *([header_line("Content-Language", language)] if language else []),
        "MIME-Version: 1.0",
    ]
    texts = _Texts(body, signature, history, reply_above, language, links)
    content = _content(texts, files, seed=message_id)
    head = "\r\n".join(lines).encode("utf-8")
    return head + b"\r\n" + content


def sender_name(agent: str, team: str) -> str:
    """How an agent signs for a team: "Ben via Maple Support"; one of the two when that is all."""
    return f"{agent} via {team}" if agent and team and agent != team else agent or team


def _format_date(date: datetime) -> str:
    if date.tzinfo is None:
        raise UnsendableMail("Date: a time without its zone may not be sent")
    return format_datetime(date)


def _thread_lines(in_reply_to: str, references: Iterable[str]) -> list[str]:
    """In-Reply-To and References: the root, then the newest, at most twenty."""
    chain = [check_id("References", one) for one in references]
    if in_reply_to:
        chain = [one for one in chain if one != in_reply_to] + [
            check_id("In-Reply-To", in_reply_to)
        ]
    chain = list(dict.fromkeys(chain))
    if len(chain) > MOST_REFERENCES:
        chain = [chain[0], *chain[-(MOST_REFERENCES - 1) :]]
    lines = [id_line("In-Reply-To", [in_reply_to])] if in_reply_to else []
    return [*lines, id_line("References", chain)] if chain else lines


def _automatic_lines(automatic: str, loop_marker: str, unsubscribe_url: str) -> list[str]:
    lines = []
    if automatic:
        lines += [f"Auto-Submitted: {automatic}", "X-Auto-Response-Suppress: All"]
    if loop_marker:
        lines.append(header_line(LOOP_HEADER, loop_marker))
    if unsubscribe_url:
        check_value("List-Unsubscribe", unsubscribe_url)
        lines.append(f"List-Unsubscribe: <{unsubscribe_url}>")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return lines


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of the mail in both forms."""

    body: str
    signature: str
    history: History | None
    reply_above: str
    language: str
    links: Links | None = None

    def plain(self) -> str:
        """The words as plain text, with LF line ends."""
        pieces = [f"##- {self.reply_above} -##"] if self.reply_above else []
        pieces.append(render_plain(self.body).strip("\n"))
        if self.links:
            pieces.append(self.links.plain())
        if self.signature:
            pieces.append(f"-- \n{render_plain(self.signature).strip()}")
        if self.history:
            pieces.append(f"{self.history.attribution}\n{quote_plain(self.history.text)}")
        return "\n\n".join(pieces) + "\n"

    def html(self) -> str:
        """The words as a whole page."""
        pieces = []
        if self.reply_above:
            line = entities.escape(f"##- {self.reply_above} -##", quote=False)
            pieces.append(f'<div class="desk_reply_marker" style="font-size: 12px">{line}</div>')
        pieces.append(render_markdown(self.body))
        if self.links:
            pieces.append(self.links.html())
        if self.signature:
            pieces.append(f'<div class="gmail_signature">{render_markdown(self.signature)}</div>')
        if self.history:
            pieces.append(quote_html(self.history.attribution, self.history.text))
        return render_page("\n".join(pieces), language=self.language)


def _content(texts: _Texts, files: Sequence[OutgoingFile], *, seed: str) -> bytes:
    """The entity of the whole mail: mixed(alternative(text, related(html, pictures)), files)."""
    boundary = hashlib.sha256(seed.encode()).hexdigest()[:24]
    page = texts.html()
    shown = [one for one in files if one.content_id and f"cid:{one.content_id}" in page]
    rich = _text_part("text/html", page)
    if shown:
        pictures = [_file_part(one, "inline") for one in shown]
        rich = _multipart("related", [rich, *pictures], f"=_r{boundary}", 'type="text/html"')
    both = _multipart(
        "alternative", [_text_part("text/plain", texts.plain()), rich], f"=_a{boundary}"
    )
    rest = [_file_part(one, "attachment") for one in files if one not in shown]
    return _multipart("mixed", [both, *rest], f"=_m{boundary}") if rest else both


def _multipart(kind: str, parts: list[bytes], boundary: str, extra: str = "") -> bytes:
    more = f";\r\n {extra}" if extra else ""
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"{more}\r\n\r\n'.encode()
    delimiter = f"--{boundary}\r\n".encode()
    joined = b"".join(delimiter + part + b"\r\n" for part in parts)
    return head + joined + f"--{boundary}--\r\n".encode()


def _text_part(content_type: str, text: str) -> bytes:
    """A text in the encoding that keeps it readable: as it is, quoted-printable or base64."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    raw = text.encode("utf-8", "replace")
    lines = raw.split(b"\n")
    if raw.isascii() and all(len(line) <= _LONGEST_PLAIN_LINE for line in lines):
        encoding, coded = "7bit", raw.replace(b"\n", b"\r\n")
    elif sum(byte > 127 for byte in raw) * 3 > len(raw):
        encoding, coded = "base64", base64.encodebytes(raw.replace(b"\n", b"\r\n"))
        coded = coded.replace(b"\n", b"\r\n")
    else:
        encoding = "quoted-printable"
        coded = binascii.b2a_qp(raw, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head = f"Content-Type: {content_type}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + coded


def _file_part(file: OutgoingFile, disposition: str) -> bytes:
    kind = check_value("Content-Type", file.content_type).partition(";")[0].strip().lower()
    is_whole = kind == "message/rfc822" and _is_seven_bit(file.data)
    if kind.count("/") != 1 or not kind.isascii() or " " in kind:
        kind = "application/octet-stream"
    if kind.startswith(("multipart/", "message/")) and not is_whole:
        kind = "application/octet-stream"  # RFC 2046 forbids base64 for these
    name = check_value("file name", file.name) or "file"
    lines = [
        f"Content-Type: {kind}" + parameters({"name": name}),
        f"Content-Disposition: {disposition}" + parameters({"filename": name}),
        f"Content-Transfer-Encoding: {'7bit' if is_whole else 'base64'}",
    ]
    if file.content_id:
        lines.append(id_line("Content-ID", [file.content_id]))
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    if is_whole:
        return head + file.data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return head + base64.encodebytes(file.data).replace(b"\n", b"\r\n")


def _is_seven_bit(data: bytes) -> bool:
    return data.isascii() and all(len(line) < 990 for line in data.split(b"\n"))
