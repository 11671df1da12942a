"""Files that are too large for a mail: they leave as links, and the links lead to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.test import Client

from rapport.accounts.models import Agent
from rapport.channels.delivering import deliver
from rapport.channels.models import Channel, Delivery
from rapport.conversations.lending import find_lent_file, loan_token
from rapport.conversations.models import Attachment
from rapport.conversations.redacting import redact_file
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.storage import store_file
from rapport.web.kit.downloads import SHUT
from tests.channels.conftest import Send
from tests.channels.sinks import Sink

PUBLIC = "https://desk.shop.example"


@pytest.fixture(autouse=True)
def _public(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RAPPORT_PUBLIC_URL", PUBLIC)
    config.cache_clear()
    yield
    monkeypatch.undo()
    config.cache_clear()


@pytest.fixture
def limited(channel: Channel, sink: Sink) -> Channel:
    Channel.objects.update(config={**sink.config, "most_attached_bytes": 1000})
    return channel


def attach(delivery: Delivery, *sizes: int, **fields: Any) -> list[Attachment]:
    made = []
    for number, size in enumerate(sizes):
        data = bytes([65 + number]) * size
        made.append(
            Attachment.objects.create(
                message=delivery.message,
                name=fields.get("name", f"{number}.bin"),
                size=size,
                stored_name=store_file(data),
            )
        )
    return made


def on_the_wire(delivery: Delivery, sink: Sink) -> tuple[list[str], str, str]:
    """The names of the files that came along, the plain words and the HTML."""
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "accepted", delivery.error
    mail: Any = message_from_bytes(bytes(sink.mails[-1].content or b""), policy=default)
    bodies = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
    return [part.get_filename() for part in mail.iter_attachments()], bodies[0], bodies[1]


def links_in(words: str) -> list[str]:
    return [line for line in words.split() if line.startswith(f"{PUBLIC}/files/")]


def fetch(link: str) -> Any:
    answer: Any = Client().get(link.removeprefix(PUBLIC))
    answer.whole = b"".join(answer.streaming_content) if answer.streaming else b""
    return answer


def test_what_fits_goes_along_and_the_rest_is_fetched_without_an_account(
    send: Send, sink: Sink, limited: Channel
) -> None:
    delivery = send()
    attach(delivery, 600, 5000, 300)
    names, plain, html = on_the_wire(delivery, sink)
    assert names == ["0.bin", "2.bin"]
    (link,) = links_in(plain)
    assert f'<a href="{link}"' in html
    answer = fetch(link)
    assert answer.whole == b"B" * 5000
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == SHUT
    assert answer["X-Robots-Tag"] == "noindex"
    assert Client().post(link.removeprefix(PUBLIC)).status_code == 405


def test_a_guessed_changed_or_foreign_link_leads_nowhere(
    send: Send, sink: Sink, limited: Channel
) -> None:
    delivery = send()
    attach(delivery, 5000, 6000)
    first, second = links_in(on_the_wire(delivery, sink)[1])
    number, ends, proof = first.rpartition("/")[2].split("-", 2)
    other = second.rpartition("/")[2].split("-", 2)[0]
    for forged in (
        f"{other}-{ends}-{proof}",
        f"{number}-{int(ends) + 1}-{proof}",
        f"{number}-{ends}-{proof[:-1]}{'A' if proof[-1] != 'A' else 'B'}",
        f"{number}-{ends}-",
        f"{number}-{ends}-{proof}A",
        f"0{number}-{ends}-{proof}",
        f"{'9' * 18}-{ends}-{proof}",
        number,
        "x" * 5000,
    ):
        assert fetch(f"{PUBLIC}/files/{forged}").status_code == 404, forged


def test_the_link_ends_with_its_time_its_message_and_its_file(
    send: Send, sink: Sink, limited: Channel, ada: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = send()
    kept, other = attach(delivery, 5000, 6000)
    first, second = links_in(on_the_wire(delivery, sink)[1])
    assert fetch(first).status_code == 200
    redact_file(kept, by=ada.actor)
    assert fetch(first).status_code == 404
    assert fetch(second).status_code == 200
    past = loan_token(other, until=clock.now() - timedelta(seconds=2))
    assert find_lent_file(past) is None
    delivery.message.withdrawn_at = clock.now()
    delivery.message.save(update_fields=["withdrawn_at"])
    assert fetch(second).status_code == 404


def test_a_customers_own_file_is_never_lent(send: Send, sink: Sink, limited: Channel) -> None:
    delivery = send()
    (file,) = attach(delivery, 10)
    for direction in ("in", "note"):
        delivery.message.direction = direction
        delivery.message.save(update_fields=["direction"])
        token = loan_token(file, until=clock.now() + timedelta(days=1))
        assert find_lent_file(token) is None


def test_every_attempt_carries_the_same_links(send: Send, sink: Sink, limited: Channel) -> None:
    delivery = send()
    attach(delivery, 5000)
    sink.answers["DATA"] = "451 later"
    deliver(delivery.pk)
    delivery.message.refresh_from_db()
    until = delivery.message.extras["lent_until"]
    assert datetime.fromisoformat(until) > clock.now() + timedelta(days=29)
    sink.answers.clear()
    Delivery.objects.update(due_at=clock.now())
    (link,) = links_in(on_the_wire(delivery, sink)[1])
    delivery.message.refresh_from_db()
    assert delivery.message.extras["lent_until"] == until
    assert link.split("-")[1] == str(int(datetime.fromisoformat(until).timestamp()))


def test_a_name_brings_no_words_and_no_markup_of_its_own(
    send: Send, sink: Sink, limited: Channel
) -> None:
    delivery = send()
    attach(delivery, 5000, name="<b>a</b>\nhttps://evil.example/ [x](https://evil.example)")
    _names, plain, html = on_the_wire(delivery, sink)
    assert "<b>a</b>" not in html
    assert "\nhttps://evil.example" not in plain
    assert 'href="https://evil.example' not in html


def test_a_server_that_announces_less_gets_links_at_once(
    send: Send, sink: Sink, channel: Channel
) -> None:
    """It says so before it has anything: the mail is written smaller in the same attempt."""
    sink.most_bytes = 100_000
    delivery = send()
    attach(delivery, 150_000)
    names, plain, _html = on_the_wire(delivery, sink)
    assert names == []
    assert len(links_in(plain)) == 1
    assert len(sink.mails) == 1


def test_where_nobody_can_follow_a_link_all_files_go_along(
    send: Send, sink: Sink, limited: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_PUBLIC_URL", "http://127.0.0.1:8000")
    config.cache_clear()
    delivery = send()
    attach(delivery, 5000)
    names, plain, _html = on_the_wire(delivery, sink)
    assert names == ["0.bin"]
    assert "/files/" not in plain
