"""The SMTP conversation, against servers that end it at every step."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from rapport.channels.contract import Outcome, SendResult
from rapport.channels.email.configuring import Server
from rapport.channels.email.handing_over import Outgoing, hand_over
from tests.channels.sinks import Sink, smtp_sink

RAW = b"Subject: Hello\r\n\r\nfirst\r\n.hidden dot\r\nlast\r\n"


def hand(
    sink: Sink,
    *recipients: str,
    steps: list[str] | None = None,
    raw: bytes = RAW,
    **server: Any,
) -> SendResult:
    given = {
        "host": "127.0.0.1",
        "port": sink.port,
        "security": "none",
        "user": "",
        "password": "",
        "auth": "none",
        "timeout": 5,
        "verdict_timeout": 2,
        **server,
    }
    mail = Outgoing("desk@shop.example", recipients or ("dora@mail.example",), raw)
    return hand_over(
        Server(**given),
        mail,
        before_data=lambda: steps.append("handing") if steps is not None else None,
    )


def test_a_mail_arrives_byte_for_byte_with_its_dots() -> None:
    with smtp_sink() as sink:
        assert hand(sink).outcome is Outcome.ACCEPTED
    assert bytes(sink.mails[0].content or b"") == RAW
    assert sink.mails[0].mail_from == "desk@shop.example"


@pytest.mark.parametrize(
    ("cut", "outcome", "marked"),
    [
        ("rcpt", Outcome.TRANSIENT, False),
        ("data", Outcome.TRANSIENT, True),
        ("dot", Outcome.UNKNOWN, True),
        ("after", Outcome.ACCEPTED, True),
    ],
)
def test_p07_a_cut_line_means_what_was_handed_over_before_it(
    cut: str, outcome: Outcome, marked: bool
) -> None:
    steps: list[str] = []
    with smtp_sink(cut=cut) as sink:
        assert hand(sink, steps=steps).outcome is outcome
    assert bool(steps) is marked


def test_p07_a_line_cut_in_the_middle_of_the_mail_handed_nothing_over() -> None:
    with smtp_sink(cut="body") as sink:
        result = hand(sink, raw=b"Subject: Long\r\n\r\n" + b"0123456789\r\n" * 400_000)
    assert result.outcome is Outcome.TRANSIENT
    assert sink.mails == []


def test_p07_silence_after_the_dot_is_unknown() -> None:
    with smtp_sink(hold="dot") as sink:
        assert hand(sink, verdict_timeout=0.3).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"MAIL": "451 4.3.0 later"}, Outcome.TRANSIENT),
        ({"MAIL": "552 5.3.4 too big"}, Outcome.CONTENT_INVALID),
        ({"MAIL": "530 5.7.0 sign in first"}, Outcome.AUTH_INVALID),
        ({"MAIL": "553 5.7.1 not your address"}, Outcome.PERMANENT),
        ({"DATA": "451 4.7.1 greylisted"}, Outcome.TRANSIENT),
        ({"DATA": "554 5.5.1 no"}, Outcome.PERMANENT),
        ({"DOT": "421 4.7.0 slow down"}, Outcome.THROTTLED),
        ({"DOT": "452 4.3.1 full"}, Outcome.TRANSIENT),
        ({"DOT": "552 5.3.4 too big"}, Outcome.CONTENT_INVALID),
        ({"DOT": "550 5.7.1 spam"}, Outcome.PERMANENT),
    ],
)
def test_an_answer_has_one_meaning(answers: dict[str, str], outcome: Outcome) -> None:
    with smtp_sink(answers=answers) as sink:
        result = hand(sink)
    assert result.outcome is outcome
    assert next(iter(answers.values()))[:3] in result.error
    assert sink.mails == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Outcome.RECIPIENT_UNREACHABLE),
        ("550 5.7.1 policy", Outcome.PERMANENT),
        ("450 4.2.1 greylisted", Outcome.TRANSIENT),
    ],
)
def test_when_nobody_is_taken_the_reason_decides(answer: str, outcome: Outcome) -> None:
    with smtp_sink(refuse={"dora@mail.example": answer}) as sink:
        result = hand(sink)
    assert result.outcome is outcome
    assert answer in result.error


def test_one_refused_address_does_not_stop_the_others() -> None:
    with smtp_sink(refuse={"eli@mail.example": "550 5.1.1 no such user"}) as sink:
        result = hand(sink, "dora@mail.example", "eli@mail.example")
    assert result.outcome is Outcome.ACCEPTED
    assert result.refused == {"eli@mail.example": "550 5.1.1 no such user"}
    assert sink.mails[0].rcpt_tos == ["dora@mail.example"]


def test_a_wrong_password_is_the_channels_fault() -> None:
    with smtp_sink(users={"desk": "right"}) as sink:
        assert hand(sink, auth="password", user="desk", password="wrong").outcome is (
            Outcome.AUTH_INVALID
        )
        assert hand(sink, auth="password", user="desk", password="right").outcome is (
            Outcome.ACCEPTED
        )


def test_a_password_beyond_ascii_signs_in() -> None:
    with smtp_sink(users={"desk": "zażółć"}) as sink:
        result = hand(sink, auth="password", user="desk", password="zażółć")
    assert result.outcome is Outcome.ACCEPTED


def test_a_server_without_sign_in_is_a_wrong_setting() -> None:
    with smtp_sink() as sink:
        result = hand(sink, auth="password", user="desk", password="x")
    assert result.outcome is Outcome.MISCONFIGURED


def test_a_server_without_tls_is_never_given_the_mail() -> None:
    with smtp_sink() as sink:
        assert hand(sink, security="starttls").outcome is Outcome.MISCONFIGURED
    assert sink.mails == []


def test_nobody_listening_may_pass() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sink = Sink(port=free.getsockname()[1])
        assert hand(sink).outcome is Outcome.TRANSIENT


def test_an_address_cannot_bring_its_own_commands() -> None:
    with smtp_sink() as sink:
        result = hand(sink, "dora@mail.example>\r\nRCPT TO:<eve@mail.example")
    assert result.outcome is Outcome.CONTENT_INVALID
    assert sink.mails == []


def test_a_mail_over_the_servers_limit_is_told_apart() -> None:
    with smtp_sink() as sink:
        assert hand(sink, raw=b"x" * 5_000_001).outcome is Outcome.CONTENT_INVALID
