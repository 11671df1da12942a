"""Limiting: how much of a stranger's mail is read; the rest is refused by name, not by crash."""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableMail(ValueError):
    """There is nothing in these bytes that could be shown: no header and no text."""


@dataclass(frozen=True, slots=True)
class MailLimits:
    """The bounds of one mail. Sizes in bytes. What lies beyond is named in a warning, never silent.

    `mail_bytes` bounds the raw mail that is looked at; `part_bytes` one decoded attachment;
    `text_bytes` the decoded text and the HTML, each; `parts` and `depth` the MIME tree.
    """

    mail_bytes: int = 60 * 1024 * 1024
    part_bytes: int = 50 * 1024 * 1024
    text_bytes: int = 2 * 1024 * 1024
    parts: int = 50
    depth: int = 10
    attachments: int = 200
    recipients: int = 500
    headers: int = 1_000
    header_bytes: int = 256 * 1024


DEFAULT_LIMITS = MailLimits()
