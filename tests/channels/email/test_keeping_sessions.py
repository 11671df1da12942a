"""One session carries many mails, and no mail is lost or doubled for its sake."""

from __future__ import annotations

import pytest

from rapport.channels.contract import Outcome
from rapport.channels.email.keeping_sessions import end_idle_sessions
from tests.channels.email.test_handing_over import hand
from tests.channels.sinks import smtp_sink


def test_mails_one_after_another_share_a_session() -> None:
    with smtp_sink(users={"desk": "right"}) as sink:
        for _ in range(3):
            result = hand(sink, auth="password", user="desk", password="right")
            assert result.outcome is Outcome.ACCEPTED
        assert (len(sink.mails), sink.sessions, sink.logins) == (3, 1, 1)


def test_another_password_is_another_session() -> None:
    with smtp_sink(users={"desk": "right"}) as sink:
        hand(sink, auth="password", user="desk", password="right")
        result = hand(sink, auth="password", user="desk", password="wrong")
    assert result.outcome is Outcome.AUTH_INVALID


def test_a_session_that_the_server_has_ended_meanwhile_is_replaced() -> None:
    with smtp_sink() as sink:
        hand(sink)
        sink.hang_up()
        assert hand(sink).outcome is Outcome.ACCEPTED
        assert (len(sink.mails), sink.sessions) == (2, 2)


@pytest.mark.parametrize("step", ["RSET", "MAIL"])
def test_a_session_that_has_carried_enough_is_replaced(step: str) -> None:
    with smtp_sink() as sink:
        hand(sink)
        sink.tired[step] = "421 4.7.0 enough for one session"
        steps: list[str] = []
        assert hand(sink, steps=steps).outcome is Outcome.ACCEPTED
        assert (len(sink.mails), sink.sessions, steps) == (2, 2, ["handing"])


def test_a_new_session_that_ends_at_once_is_not_tried_for_ever() -> None:
    with smtp_sink(answers={"MAIL": "421 4.3.2 closing"}) as sink:
        assert hand(sink).outcome is Outcome.THROTTLED
        assert sink.sessions == 1


def test_p07_a_kept_session_that_dies_after_the_dot_is_unknown_and_never_used_again() -> None:
    with smtp_sink() as sink:
        hand(sink)
        sink.cut = "dot"
        assert hand(sink).outcome is Outcome.UNKNOWN
        sink.cut = ""
        assert len(sink.mails) == 2
        assert hand(sink).outcome is Outcome.ACCEPTED
        assert sink.sessions == 2


def test_what_one_mail_left_behind_does_not_touch_the_next() -> None:
    with smtp_sink(refuse={"eli@mail.example": "550 5.1.1 no such user"}) as sink:
        hand(sink, "eli@mail.example")
        sink.answers["DATA"] = "451 4.7.1 greylisted"
        hand(sink, "kim@mail.example")
        sink.answers.clear()
        assert hand(sink, "dora@mail.example").outcome is Outcome.ACCEPTED
        assert sink.mails[0].rcpt_tos == ["dora@mail.example"]
        assert sink.sessions == 1


def test_one_session_carries_a_hundred_mails_and_no_more() -> None:
    with smtp_sink() as sink:
        for _ in range(101):
            hand(sink)
        assert (len(sink.mails), sink.sessions) == (101, 2)


def test_idle_sessions_are_ended() -> None:
    with smtp_sink() as sink:
        hand(sink)
        end_idle_sessions()
        hand(sink)
        assert sink.sessions == 2
