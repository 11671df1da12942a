"""What went wrong is kept as a code and told in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from rapport.channels.contract import Outcome
from rapport.channels.delivering import deliver
from rapport.channels.explaining import FAULTS, coded, explain
from rapport.channels.models import Channel
from tests.channels.conftest import Send
from tests.channels.sinks import Sink

WORDS = "550 5.1.1 <dora@mail.example>: no such user"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The server does not know this recipient."),
        ("pl", "Serwer nie zna tego adresata."),
        ("zh-hant", "伺服器不認識這位收件者。"),
        ("zh-hans", "服务器不认识这位收件人。"),
    ],
)
def test_a_fault_is_told_in_the_readers_language_beside_the_servers_words(
    language: str, sentence: str
) -> None:
    with translation.override(language):
        assert explain(coded("recipient_unreachable", WORDS)) == f"{sentence} {WORDS}"
        assert explain(coded("recipient_unreachable")) == sentence


@pytest.mark.parametrize("text", ["", WORDS, "no_such_code: x", "Own: x", "own: two\nlines: 3"])
def test_words_without_a_code_of_ours_stay_as_they_were_said(text: str) -> None:
    told = explain(text)
    assert told == text or told.endswith("two\nlines: 3")


def test_every_outcome_has_a_sentence() -> None:
    assert set(Outcome) - {Outcome.ACCEPTED} <= FAULTS.keys()


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"MAIL": "451 4.3.0 later"}, "transient"),
        ({"DOT": "550 5.7.1 spam"}, "permanent"),
        ({"DATA": "552 5.3.4 too big"}, "content_invalid"),
    ],
)
def test_a_delivery_keeps_the_code_and_the_servers_words(
    answers: dict[str, str], code: str, send: Send, sink: Sink
) -> None:
    delivery = send()
    sink.answers = answers
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.error == f"{code}: {next(iter(answers.values()))}"


def test_a_server_that_is_not_there_is_told_by_a_code(
    send: Send, sink: Sink, channel: Channel
) -> None:
    delivery = send()
    Channel.objects.filter(pk=channel.pk).update(config={**sink.config, "smtp_port": 1})
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.error.startswith("unreachable: 127.0.0.1:1 ")
