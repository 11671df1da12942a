"""Hostile mails: refused by name, kept where possible, never a crash."""

from __future__ import annotations

import base64
import io
import resource
import tracemalloc
import zipfile

import pytest

from rapport.kernel.mail.limiting import MailLimits, UnreadableMail
from rapport.kernel.mail.parsing import parse_mail
from tests.kernel.mail.conftest import plain


def mixed(*parts: bytes) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return plain(body, 'Content-Type: multipart/mixed; boundary="b"')


def file(data: bytes, name: str = "a.bin", kind: str = "application/octet-stream") -> bytes:
    head = (
        f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename={name}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(data)


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\x00\x00", b" \n\t\n"])
def test_nothing_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableMail):
        parse_mail(raw)


@pytest.mark.parametrize(
    "raw", [b"hello", b"From: dora@example.com", b"Subject: x\n\n", b"\xff\xfe\x00x"]
)
def test_anything_else_is_a_mail(raw: bytes) -> None:
    parse_mail(raw)


def test_a_multipart_of_a_thousand_levels_is_kept() -> None:
    raw = plain("", "Content-Type: multipart/mixed; boundary=b0")
    for level in range(1000):
        raw += (
            f"--b{level}\r\nContent-Type: multipart/mixed; boundary=b{level + 1}\r\n\r\n"
            f"--b{level + 1}\r\nContent-Type: text/plain\r\n\r\nlevel {level}\r\n"
        ).encode()
    mail = parse_mail(raw)
    assert mail.subject == "Parcel"
    assert any("nested deeper than 10 levels" in warning for warning in mail.warnings)


def test_more_parts_than_the_limit_are_named() -> None:
    mail = parse_mail(mixed(*(b"\r\npart %d" % n for n in range(80))))
    assert "part 49" in mail.text
    assert "part 50" not in mail.text
    assert mail.warnings == ("more than 50 parts: the rest was not read",)


def test_ten_thousand_recipients_are_survived() -> None:
    everybody = ", ".join(f'"Name, {n}" <u{n}@example.com>' for n in range(10_000))
    mail = parse_mail(plain("Hello", f"To: {everybody}"))
    assert len(mail.to) == MailLimits().recipients
    assert mail.to[7].name == "Name, 7"
    assert any("addresses in To" in warning for warning in mail.warnings)
    assert mail.text == "Hello"


def test_a_file_beyond_the_limit_is_refused_by_name_and_the_mail_is_kept() -> None:
    limits = MailLimits(part_bytes=10_000)
    mail = parse_mail(
        mixed(b"\r\nHello", file(b"x" * 20_000, "big.bin"), file(b"y", "small.bin")), limits=limits
    )
    big, small = mail.attachments
    assert (big.data, big.refused, big.sha256) == (None, "larger than 9 KiB", "")
    assert 19_000 < big.size < 21_000
    assert small.data == b"y"
    assert mail.text == "Hello"
    assert any("big.bin was refused" in warning for warning in mail.warnings)


def test_fifty_megabytes_take_no_more_memory_than_themselves() -> None:
    raw = mixed(
        b"\r\nHello", file(b"\x89PNG\r\n\x1a\n" + bytes(37_000_000), "big.png", "image/png")
    )
    assert len(raw) > 49_000_000
    tracemalloc.start()
    mail = parse_mail(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mail.attachments[0].content_type == "image/png"
    assert peak < 60_000_000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_a_mail_beyond_the_limit_is_cut_with_a_warning() -> None:
    mail = parse_mail(plain("x" * 5000), limits=MailLimits(mail_bytes=2000))
    assert mail.subject == "Parcel"
    assert "was cut at 2000" in mail.warnings[0]


def test_a_text_beyond_the_limit_is_cut_with_a_warning() -> None:
    mail = parse_mail(plain("ż" * 5000), limits=MailLimits(text_bytes=2001))
    assert 999 <= len(mail.text) <= 1001
    assert "was cut at 2001" in mail.warnings[0]


def test_a_zip_bomb_is_a_file_and_stays_packed() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(30_000_000))
    tracemalloc.start()
    mail = parse_mail(mixed(b"\r\nHello", file(packed.getvalue(), "bomb.zip", "application/zip")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mail.attachments[0].data == packed.getvalue()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("data", "name", "claim", "kind"),
    [
        (b"MZ\x90\x00", "photo.jpg", "image/jpeg", "application/vnd.microsoft.portable-executable"),
        (b"<html><script>x</script>", "a.png", "image/png", "text/html"),
        (b'<?xml version="1.0"?><svg onload=x>', "a.png", "image/png", "image/svg+xml"),
        (b"\xff\xd8\xff\xe0", "a.exe", "application/x-msdownload", "image/jpeg"),
        (b"PK\x03\x04", "a.docx", "application/octet-stream",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"a,b\n1,2\n", "a.csv", "text/csv", "text/csv"),
        (b"\x00\x01\x02", "a.html", "text/html", "application/octet-stream"),
        (b"just words", "a.html", "text/html", "text/plain"),
    ],
)  # fmt: skip
def test_a_type_is_what_the_bytes_are(data: bytes, name: str, claim: str, kind: str) -> None:
    found = parse_mail(mixed(b"\r\nHello", file(data, name, claim))).attachments[0]
    assert (found.content_type, found.declared_type) == (kind, claim)


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Temp\\a.txt", "a.txt"),
        ('"a\u202egpj.exe"', "a_gpj.exe"),
        ("x" * 500 + ".pdf", "x" * 176 + ".pdf"),
        ("..", "attachment-2"),
        ('""', "attachment-2"),
        ("=?utf-8?Q?Za=C5=BC.pdf?=", "Zaż.pdf"),
        ("z\u0307.pdf", "ż.pdf"),
    ],
)
def test_a_file_name_is_only_a_name(claimed: str, name: str) -> None:
    part = (
        f"Content-Disposition: attachment; filename={claimed}\r\nContent-Type: x/y\r\n\r\n\x01\x02"
    )
    found = parse_mail(mixed(b"\r\nHello", part.encode())).attachments[0]
    assert found.name == name


def test_a_header_flood_is_bounded() -> None:
    raw = b"X-A: b\r\n" * 100_000 + plain("Hello")
    assert parse_mail(raw).text == "Hello"


def test_nul_and_lone_surrogates_are_gone() -> None:
    mail = parse_mail(plain(b"a\x00b \xed\xa0\x80 &#0;", "Subject: a\x00b", charset="utf-8"))
    mail.text.encode()
    assert "\x00" not in mail.text + mail.subject


def test_line_ends_of_every_kind_are_one_kind() -> None:
    for end in (b"\r\n", b"\n", b"\r", b"\r\r\n"):
        raw = end.join((b"From: dora@example.com", b"Subject: x", b"", b"one", b"two"))
        mail = parse_mail(raw)
        assert (mail.subject, mail.text) == ("x", "one\ntwo")
