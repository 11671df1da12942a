"""What the receiving server found out about a sender, and who is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.kernel.mail.authenticating import judge_sender
from rapport.kernel.mail.parsing import parse_mail

MX = "mx.maple.example"
FAIL = f"{MX}; spf=fail smtp.mailfrom=bad.example; dkim=none; dmarc=fail header.from=bank.example"


def judged(*headers: str, trusted: str = MX, domain: str = "bank.example") -> str:
    found = judge_sender(headers, trusted=trusted, domain=domain)
    return found.verdict if found else ""


def test_a_failed_sender_is_told_with_what_was_said() -> None:
    found = judge_sender([FAIL], trusted=MX, domain="bank.example")
    assert found is not None
    assert (found.server, found.spf, found.dkim, found.dmarc) == (MX, "fail", "none", "fail")
    assert found.verdict == "fail"


def test_nobody_is_believed_whom_the_mailbox_does_not_trust() -> None:
    assert judged(FAIL, trusted="") == ""
    assert judged(FAIL, trusted="mx.other.example") == ""
    assert judged(FAIL, trusted="maple.example") == ""
    assert judged(FAIL, trusted="*.maple.example") == "fail"
    assert judged(FAIL.replace(MX, "evilmaple.example"), trusted="*.maple.example") == ""
    assert judged(FAIL.upper(), trusted=MX) == "fail"


def test_the_topmost_word_counts_and_one_that_a_stranger_put_below_does_not() -> None:
    forged = f"{MX}; dmarc=pass header.from=bank.example; dkim=pass header.d=bank.example"
    assert judged(FAIL, forged) == "fail"
    assert judged("mx.evil.example; dmarc=pass header.from=bank.example", FAIL) == "fail"


def test_filters_that_write_a_header_each_are_heard_together() -> None:
    apart = [
        f"{MX}; dmarc=none header.from=bank.example",
        f"{MX}; dkim=pass header.d=bank.example",
        f"{MX}; spf=softfail smtp.mailfrom=x@other.example",
    ]
    assert judged(*apart) == "pass"


@pytest.mark.parametrize(
    "poison",
    [
        f'{MX}; spf=none smtp.mailfrom="; dmarc=pass"@evil.example; dmarc=fail',
        f"{MX}; spf=none (domain of a; dmarc=pass) ; dmarc=fail header.from=bank.example",
        f"{MX}; spf=none (of x) dmarc=pass; dmarc=pass; dmarc=fail header.from=bank.example",
        f'{MX} 1; (nothing\\) ; dmarc=pass ) dmarc = fail reason="dmarc=pass"',
        f"(; dmarc=pass) {MX}; dmarc=fail",
        f'{MX}; spf=none (of x(y) " ) ; dmarc=fail',
        f"{MX}; spf=none smtp.mailfrom=a(b@evil.example; dmarc=fail (p=NONE)",
        f'{MX}; spf=none smtp.mailfrom=a"b@evil.example; dmarc=fail',
    ],
)
def test_what_a_stranger_can_write_into_a_true_header_turns_nothing(poison: str) -> None:
    assert judged(poison) == "fail"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("dmarc=pass header.from=bank.example", "pass"),
        ("dmarc=pass header.from=evil.example", "none"),
        ("dmarc=bestguesspass action=none header.from=bank.example", "pass"),
        ("dkim=pass header.d=bank.example", "pass"),
        ("dkim=pass header.i=@mail.bank.example", "pass"),
        ("dkim=pass header.d=evil.example", "none"),
        ("dkim=pass header.d=notbank.example", "none"),
        ("dkim=pass header.d=example", "none"),
        ("spf=pass smtp.mailfrom=bounce@bank.example", "pass"),
        ("spf=pass smtp.mailfrom=bounce@list.example", "none"),
        ("dkim=fail header.d=bank.example; dkim=pass header.d=bank.example", "pass"),
        ("dmarc=temperror", "none"),
        ("none", "none"),
    ],
)
def test_a_pass_counts_for_the_domain_that_stands_in_from(said: str, verdict: str) -> None:
    assert judged(f"{MX}; {said}") == verdict


def test_a_server_that_does_not_name_itself_is_believed_only_where_that_was_said() -> None:
    exchange = "spf=fail (sender IP is 203.0.113.9) smtp.mailfrom=bank.example; dmarc=fail"
    assert judged(exchange, trusted="-") == "fail"
    assert judged(exchange) == ""
    assert judged(FAIL, trusted="-") == ""


@given(st.lists(st.text(max_size=300), max_size=4), st.text(max_size=30))
def test_nothing_that_a_header_can_hold_stops_the_road(headers: list[str], domain: str) -> None:
    judge_sender([f"{MX};{each}" for each in headers], trusted=MX, domain=domain)


@pytest.mark.parametrize("filling", ["(", '"', '"\\', "\\(", "()", "=;", '("'])
def test_a_header_made_to_keep_us_busy_is_read_in_one_pass(filling: str) -> None:
    """The square of its length would be minutes here."""
    hostile = f"{MX}; dmarc=fail; {filling * 200_000}"
    assert judged(hostile) == "fail"


def test_long_headers_are_read_as_far_as_they_are_needed() -> None:
    many = "; ".join(["dkim=fail header.d=a.example"] * 5000)
    assert judged(f"{MX}; dmarc=fail; {many}") == "fail"
    raw = f"From: a@bank.example\r\nAuthentication-Results: {FAIL}\r\n\r\nHello\r\n"
    assert parse_mail(raw.encode()).authentication == (FAIL,)
