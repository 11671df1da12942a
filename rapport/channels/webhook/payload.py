"""The payload of the generic webhook: one message of one contact, as JSON."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec

from rapport.channels.contract import Refused

Short = Annotated[str, msgspec.Meta(max_length=320)]
Line = Annotated[str, msgspec.Meta(max_length=998)]
Ref = Annotated[str, msgspec.Meta(min_length=1, max_length=190, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]

_PATH = re.compile(r"^(?P<fault>.*?)(?: - at `\$(?P<path>.*)`)?$", re.S)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes; at least one of the three addresses is needed."""

    external_id: Ref | None = None
    email: Short | None = None
    phone: Short | None = None
    name: Short | None = None


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its bytes (`data`, base64) or by its address (`url`, which is shown and not fetched)."""

    name: Short = ""
    content_type: Short = ""
    data: bytes | None = None
    url: Annotated[str, msgspec.Meta(max_length=2048)] | None = None


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What a system sends for one message."""

    contact: Contact
    external_id: Ref | None = None
    conversation_ref: Ref | None = None
    subject: Line | None = None
    text: str | None = None
    html: str | None = None
    attachments: Annotated[list[File], msgspec.Meta(max_length=50)] = []
    sent_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    metadata: dict[str, Any] = {}

    @property
    def sender(self) -> str:
        """What names the contact, for the lane in which its messages keep their order."""
        contact = self.contact
        return contact.external_id or contact.email or contact.phone or ""


_DECODER = msgspec.json.Decoder(Payload)


def read_payload(body: bytes, *, needs_external_id: bool = False) -> Payload:
    """Read and check a body; raises Refused 400 (no JSON) or 422 (wrong fields, each named)."""
    try:
        payload = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong(*_explain(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not payload.sender.strip():
        raise _wrong("/contact", "Give at least one of external_id, email, phone.")
    if not ((payload.text or "").strip() or (payload.html or "").strip() or payload.attachments):
        raise _wrong("/text", "Give at least one of text, html, attachments.")
    if needs_external_id and payload.external_id is None:
        raise _wrong("/external_id", "It is needed here: it makes a repeated request one message.")
    for number, file in enumerate(payload.attachments):
        if (file.data is None) == (file.url is None):
            raise _wrong(f"/attachments/{number}", "Give one of data and url.")
    return payload


def _wrong(pointer: str, detail: str) -> Refused:
    return Refused(422, "A field is wrong.", errors=[{"pointer": pointer, "detail": detail}])


def _explain(fault: str) -> tuple[str, str]:
    """A JSON pointer and the fault, out of msgspec's words."""
    found = _PATH.match(fault)
    path = (found and found["path"]) or ""
    pointer = "".join(f"/{name or index}" for name, index in _STEP.findall(path))
    return pointer, (found and found["fault"]) or fault
