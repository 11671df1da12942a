"""Folding measured against what others recorded: the reply in each of these mails is known."""

from __future__ import annotations

from pathlib import Path

from rapport.kernel.mail.decoding import clean_text, decode_bytes
from rapport.kernel.mail.flattening import flatten_html
from rapport.kernel.mail.folding import fold_text
from rapport.kernel.mail.parsing import parse_mail
from rapport.kernel.mail.sanitizing import sanitize_html


def test_the_replies_of_the_trimmer_collection_are_found(mails: Path) -> None:
    folder = mails / "reply_trimmer"
    wrong = []
    for path in sorted((folder / "emails").iterdir()):
        wanted = (folder / "trimmed" / path.name).read_text().split()
        text = clean_text(decode_bytes(path.read_bytes()))
        if fold_text(text).text.split() != wanted:
            wrong.append(path.name)
    assert wrong == []


def test_the_replies_of_the_standard_mails_are_found(mails: Path) -> None:
    folder = mails / "talon" / "standard_replies"
    for path in sorted(folder.glob("*.eml")):
        exact = folder / f"{path.stem}_reply_text"
        wanted = exact.read_text() if exact.exists() else "Hello"
        mail = parse_mail(path.read_bytes())
        assert mail.text == "Hello"
        assert f"{mail.text}\n{mail.signature}".split() == wanted.split(), path.name


def test_the_replies_of_the_html_mails_are_found(mails: Path) -> None:
    folder = mails / "talon" / "html_replies"
    wrong = []
    for path in sorted(folder.glob("*.html")):
        text = flatten_html(sanitize_html(decode_bytes(path.read_bytes())).html)
        if fold_text(text).text.split() != ["Hi.", "I", "am", "fine.", "Thanks,", "Alex"]:
            wrong.append(path.name)
    assert wrong == []
