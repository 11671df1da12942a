"""Every recorded mail is read, with its words, and without a letter lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.kernel.mail.parsed import ParsedMail
from rapport.kernel.mail.parsing import parse_mail

# Their bytes are damaged beyond knowing: a From that was cut in the middle of a letter.
DAMAGED = {"must_supply_encoding.eml"}


def recorded(mails: Path) -> Iterator[Path]:
    for folder in ("anymail", "chatwoot", "cpython", "imap_tools", "talon"):
        for path in sorted((mails / folder).rglob("*")):
            if path.suffix in (".eml", ".txt"):
                yield path


@pytest.fixture(scope="module")
def read(mails: Path) -> dict[str, ParsedMail]:
    found = {path.name: parse_mail(path.read_bytes()) for path in recorded(mails)}
    assert len(found) > 200
    return found


def texts(mail: ParsedMail) -> str:
    people = [mail.from_, mail.sender, *mail.to, *mail.cc, *mail.reply_to]
    names = [one.name + one.address for one in people if one]
    return "\n".join(
        (mail.subject, mail.full_text, mail.html, *names, *(a.name for a in mail.attachments))
    )


def test_p34_no_recorded_mail_has_a_letter_that_could_not_be_read(
    read: dict[str, ParsedMail],
) -> None:
    assert {name for name, mail in read.items() if "\ufffd" in texts(mail)} == DAMAGED


def test_every_text_can_be_stored(read: dict[str, ParsedMail]) -> None:
    for mail in read.values():
        everything = texts(mail)
        assert "\x00" not in everything
        assert "\r" not in everything
        everything.encode("utf-8")


def test_no_word_is_thrown_away_by_folding(read: dict[str, ParsedMail]) -> None:
    for name, mail in read.items():
        kept = f"{mail.text}\n{mail.quoted}\n{mail.signature}".split()
        assert sorted(kept) == sorted(mail.full_text.split()), name


@pytest.mark.parametrize(
    ("name", "subject", "words"),
    [
        ("japanese.eml", "まみむめも", "かきくえこ"),
        ("japanese_iso_2022.eml", "まみむめも", "すみません。"),
        ("japanese_shift_jis.eml", "test", "今後ともよろしくお願い申し上げます！"),
        ("ks_c_5601-1987.eml", "test", "스티해"),
        ("raw_email.eml", "NOTE: 한국말로 하는 것", "대부분의 마찬가지로"),
        ("utf8_headers.eml", "Säying Hello", "body"),
        ("raw_email10.eml", "", "Test test. Hi. Waving. m"),
        ("non_utf_encoded_mail.eml", "أهلين عميلنا الكريم", "مقالتي الشخصية"),
        (
            "raw_email_with_partially_quoted_subject.eml",
            'Re: Test: "漢字" mid "漢字" tail',
            "하나님을",
        ),
    ],
)
def test_p34_recorded_charsets_are_readable(
    read: dict[str, ParsedMail], name: str, subject: str, words: str
) -> None:
    assert read[name].subject == subject
    assert words in read[name].full_text


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("japanese_attachment.eml", "てすと.txt"),
        ("attachment_nonascii_filename.eml", "ciële.txt"),
        ("attachment_pdf.eml", "broken.pdf"),
        ("forwarded_message.eml", "статус.eml"),
    ],
)
def test_files_have_their_names(read: dict[str, ParsedMail], name: str, file: str) -> None:
    assert file in [one.name for one in read[name].attachments]


def test_ids_stand_without_brackets_and_all_of_them(read: dict[str, ParsedMail]) -> None:
    assert len(read["multiple_in_reply_to.eml"].in_reply_to) > 1
    for mail in read.values():
        for one in (mail.message_id, *mail.in_reply_to, *mail.references):
            assert "<" not in one
            assert " " not in one


def test_the_same_bytes_give_the_same_value(mails: Path) -> None:
    for path in list(recorded(mails))[:40]:
        assert parse_mail(path.read_bytes()) == parse_mail(path.read_bytes())


def test_a_provider_webhook_with_the_raw_mail_is_read(mails: Path) -> None:
    payload = json.loads(
        (mails / "anymail" / "postmark-inbound-test-payload-with-raw.json").read_text()
    )
    mail = parse_mail(payload["RawEmail"].encode())
    assert mail.from_ is not None
    assert mail.from_.address
    assert mail.text
