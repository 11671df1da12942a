"""Naming subjects: what a subject is about, without what mailers of every language put before it."""

from __future__ import annotations

import re

_REPLY = (
    "re|aw|antw|antwort|sv|vs|odp|odpowiedź|od|ref|réf|rép|res|resp|rif|r|ynt|yan|vá|válasz|"
    "ha|на|отв|ответ|відп|αποκ|απ|σχετ|atb|bls|回复|回覆|回復|答复|答覆|返信|답장|회신"
)
_FORWARD = (
    "fwd|fw|wg|weitergeleitet|tr|tf|pd|przek|podaj dalej|rv|enc|i|inoltra|doorst|vb|vl|vb|vf|"
    "továbbítás|továbbít|ilt|i̇lt|пересл|fs|πρθ|trs|yml|转发|轉發|轉寄|转寄|転送|전달"
)
_NUMBER = r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\*\d{1,3})?\s*"
_LABEL = r"(?:\[(?:ext|extern|external|external e?mail|外部邮件|外部郵件|spam\??|junk)\]|\*{2,}\s?spam\s?\*{2,})"
_REPLY_PREFIX = re.compile(rf"\s*(?:{_REPLY})\.?{_NUMBER}[:：]\s*", re.I)
_FORWARD_PREFIX = re.compile(rf"\s*(?:{_FORWARD})\.?{_NUMBER}[:：]\s*", re.I)
_LABEL_PREFIX = re.compile(rf"\s*{_LABEL}\s*", re.I)
#: Without one of these nothing stands before a subject or behind it: most are such, and the test is quick.
_MARK = re.compile(r"[:：\[*(]")
_AFTER = re.compile(r"\s*\((?:fwd|fw)\)\s*$", re.I)
_MOST_PREFIXES = 50


def base_subject(subject: str) -> str:
    """The subject without reply and forward prefixes; "" when nothing else was in it."""
    text = subject.strip()
    if not _MARK.search(text):
        return text
    for _ in range(_MOST_PREFIXES):
        found = (
            _REPLY_PREFIX.match(text) or _FORWARD_PREFIX.match(text) or _LABEL_PREFIX.match(text)
        )
        if not found:
            break
        text = text[found.end() :]
    return _AFTER.sub("", text).strip()


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix of the subject says that the mail was passed on."""
    return bool(_FORWARD_PREFIX.match(_LABEL_PREFIX.sub("", subject, count=1)))


def reply_subject(subject: str) -> str:
    """The subject of an answer: one "Re: " before what it is about."""
    return f"Re: {base_subject(subject)}".strip()


def forward_subject(subject: str) -> str:
    """The subject of a mail passed on: one "Fwd: " before what it is about."""
    return f"Fwd: {base_subject(subject)}".strip()
