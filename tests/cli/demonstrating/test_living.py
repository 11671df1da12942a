"""Simulated customers take the real road: HTTP in, SMTP out, and back into the same conversation."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from rapport.accounts.models import Agent
from rapport.channels.models import Delivery
from rapport.cli.demonstrating import acting
from rapport.cli.demonstrating.acting import Line, Place, Troupe, letter_of, line_at, scripts
from rapport.cli.demonstrating.catching import open_callback, open_mail_server
from rapport.cli.demonstrating.keeping import Keepsake, kept
from rapport.cli.demonstrating.loading import load_demo
from rapport.cli.demonstrating.planning import Size
from rapport.cli.demonstrating.posting import Doors, Unposted
from rapport.conversations.models import Conversation, Message
from rapport.conversations.replying import reply
from rapport.kernel.config import config
from tests.browser import await_answer, free_port, running
from tests.looping import run_apart

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


class Unheard:
    """Doors that only note what is brought."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.messages: list[dict[str, Any]] = []

    async def bring_mail(self, raw: bytes) -> None:
        self.mails.append(raw)

    async def bring_message(self, payload: dict[str, Any], *, message_id: str) -> None:
        assert "." not in message_id
        self.messages.append(payload)


def line(script: int = 0, step: int = 0, serial: int = 7) -> Line:
    found = line_at(Place(serial, script, step))
    assert found is not None
    return found


def answer_to(asked: bytes, **heads: str) -> Any:
    """An agent's mail that answers a customer's."""
    mail = message_from_bytes(asked, policy=policy.default)
    about = str(mail["Message-ID"])
    words = {
        "From": "Ben via Maple <help@maple.example>",
        "Reply-To": "Maple <help+c7-abcdefghijklmnop@maple.example>",
        "To": str(mail["From"]),
        "Subject": f"Re: {mail['Subject']}",
        "Message-ID": "<ours-1@maple.example>",
        "In-Reply-To": about,
        "References": about,
        **heads,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in words.items())
    return message_from_bytes(f"{head}\r\nHello\r\n".encode(), policy=policy.default)


def hearing(monkeypatch: pytest.MonkeyPatch, *mails: Any) -> Unheard:
    """What customers bring upon these mails."""
    monkeypatch.setattr(acting, "ANSWER", (0.0, 0.01))
    doors = Unheard()

    async def hear() -> None:
        troupe = Troupe(doors)  # type: ignore[arg-type]
        for mail in mails:
            troupe.hear_mail(mail)
        await asyncio.sleep(0.2)

    run_apart(hear())
    return doors


def test_an_answer_keeps_the_thread_and_goes_to_the_address_of_the_conversation(monkeypatch):
    doors = hearing(monkeypatch, answer_to(letter_of(line(), now=NOW)))
    (raw,) = doors.mails
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["In-Reply-To"] == "<ours-1@maple.example>"
    assert str(mail["References"]).split()[-1] == "<ours-1@maple.example>"
    assert "help+c7-abcdefghijklmnop@maple.example" in mail["To"]
    assert mail.get_content().strip() == line(step=1).words.strip()


def test_what_a_customer_says_next_needs_no_memory_and_fits_their_first_words():
    for number in range(len(scripts())):
        first, second = line(number, 0), line(number, 1)
        assert first.persona == second.persona
        assert first.subject == second.subject


def test_two_answers_to_one_message_are_answered_once(monkeypatch):
    mail = answer_to(letter_of(line(), now=NOW))
    assert len(hearing(monkeypatch, mail, mail).mails) == 1


def test_a_script_ends_and_nobody_thanks_for_ever(monkeypatch):
    last = len(line().story.steps) - 1
    assert hearing(monkeypatch, answer_to(letter_of(line(step=last), now=NOW))).mails == []


def test_people_of_the_history_answer_too_in_their_language(monkeypatch):
    asked = answer_to(
        letter_of(line(), now=NOW),
        **{"In-Reply-To": "<pl-x-1@poczta.example>", "To": "ewa.lukasik@poczta.example"},
    )
    (raw,) = hearing(monkeypatch, asked).mails
    assert "Dziękuję" in message_from_bytes(raw, policy=policy.default).get_content()


def test_mail_to_nobody_of_ours_is_left_alone(monkeypatch):
    asked = answer_to(letter_of(line(), now=NOW), To="somebody@else.example")
    assert hearing(monkeypatch, asked).mails == []


def test_a_day_has_an_end(monkeypatch, tmp_path):
    monkeypatch.setattr(acting, "MOST_A_DAY", 3)
    path = config().home_path / "demo-live.json"
    path.unlink(missing_ok=True)
    numbers = [acting._next_serial() for _each in range(5)]
    assert numbers == [0, 1, 2, None, None]
    path.unlink()


def test_a_port_that_is_taken_is_no_reason_to_stay_silent():
    async def open_two() -> set[int]:
        one = await open_mail_server(lambda mail: None, port=free_port())
        taken = one.sockets[0].getsockname()[1]
        two = await open_mail_server(lambda mail: None, port=taken)
        ports = {server.sockets[0].getsockname()[1] for server in (one, two)}
        one.close()
        two.close()
        return ports

    assert len(run_apart(open_two())) == 2


def test_the_shop_takes_only_what_is_signed():
    heard: list[dict[str, Any]] = []
    keepsake = Keepsake("", "", "", "", "", "x", "whsec_" + "A" * 40, 0, 0)

    async def post() -> None:
        server = await open_callback(heard.append, port=0, secret="whsec_" + "B" * 40)
        doors = Doors("127.0.0.1", server.sockets[0].getsockname()[1], keepsake)
        with pytest.raises(Unposted, match="401"):
            await doors.bring_message({"data": {}}, message_id="msg_1")
        server.close()

    run_apart(post())
    assert heard == []


def wait_for(what: Callable[[], Any], seconds: float = 90.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
    return found


@pytest.fixture
def demo(database: str) -> Iterator[Path]:
    """A demo of a few conversations in this test's database."""
    load_demo(tell=lambda words: None, size=Size({}, {"new": {"en": 1, "pl": 1}}))
    home = config().home_path
    yield home
    for name in ("demo.json", "demo-live.json"):
        (home / name).unlink(missing_ok=True)


HURRIED = """
import sys
from rapport.cli.demonstrating import acting
acting.FIRST, acting.BETWEEN, acting.ANSWER = (0.0, 0.1), (0.5, 1.0), (0.1, 0.2)
from rapport.__main__ import main
from tests.looping import run_apart
sys.argv = ["rapport", "demo", "--live"]
main()
"""


@pytest.mark.timeout(300)
def test_a_customer_writes_is_answered_by_smtp_and_answers_in_the_same_conversation(demo):
    port = free_port()
    place = {"RAPPORT_PORT": str(port), "RAPPORT_NET_ALLOW": "127.0.0.1"}
    before = Message.objects.count()
    with running("edge", "--port", str(port)) as edge, running("work", **place):
        await_answer(f"http://127.0.0.1:{port}/healthz", edge)
        customers = subprocess.Popen([sys.executable, "-c", HURRIED], env={**os.environ, **place})
        try:
            ada = Agent.objects.get(email=kept().email)
            check_round("email", ada, before)
            check_round("webhook", ada, before)
        finally:
            customers.terminate()
            assert customers.wait(10) == 0


def check_round(kind: str, ada: Agent, before: int) -> None:
    """A live conversation of this channel comes, Ada answers, the customer answers Ada."""
    live = Message.objects.filter(
        direction="in", external_id__startswith="live.", channel_kind=kind
    )
    first = wait_for(lambda: live.filter(external_id__contains=".0").order_by("pk").first())
    conversation = Conversation.objects.get(pk=first.conversation_id)
    ours = reply(conversation, by=ada.actor, text="We are on it.", undo=False)
    wait_for(lambda: Delivery.objects.get(message=ours).state == "accepted")
    follows = Message.objects.filter(conversation=conversation, direction="in", pk__gt=ours.pk)
    second = wait_for(follows.first)
    assert Place.parse(second.external_id).step == 1
    assert second.why["thread"] in ("token", "reference")
    assert second.customer_id == first.customer_id
