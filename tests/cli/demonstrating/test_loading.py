"""The demo comes once, whole, by the real abilities, and only into an empty database."""

from __future__ import annotations

import itertools
import json
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from rapport.accounts.models import Agent, Company, Team
from rapport.channels.models import Channel, Delivery, Envelope
from rapport.cli.demonstrating.founding import move_doors
from rapport.cli.demonstrating.keeping import kept, sign_in_of_demo
from rapport.cli.demonstrating.loading import load_demo
from rapport.cli.demonstrating.planning import FULL, Size, plan_history
from rapport.cli.failing import CommandFailed
from rapport.conversations.models import Attachment, Conversation, JoinProposal, Message
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.journal.models import Entry
from tests.makers import make_customer

#: Enough of every story to see each thing happen, and as little as there can be.
SMALL = Size({"en": 17, "pl": 14, "zh-Hant": 12, "zh-Hans": 12}, FULL.under_way)
TINY = Size({}, {"new": {"en": 2}, "mine": {"pl": 2}})


@pytest.fixture
def empty_home() -> Iterator[Path]:
    home = config().home_path
    yield home
    (home / "demo.json").unlink(missing_ok=True)


def load(size: Size = TINY) -> list[str]:
    said: list[str] = []
    load_demo(tell=said.append, size=size)
    return said


def texts() -> list[tuple[str, str, str, str]]:
    rows = Message.objects.values_list("conversation__subject", "direction", "kind", "text")
    return sorted(rows)


@pytest.mark.timeout(900)
def test_the_demo_holds_all_that_a_company_meets_in_the_same_words_each_time(db, empty_home):
    """Ids and secrets differ, what people said and how it stands does not."""
    first = load_once(empty_home, then=(check_states_and_people, check_mails, check_times))
    second = load_once(empty_home)
    assert set(first[0]) ^ set(second[0]) == set()
    assert (len(first[0]), first[1]) == (len(second[0]), second[1])


def load_once(home: Path, *, then: tuple[Callable[[], None], ...] = ()) -> tuple[list, Counter]:
    """Load, look at it and take it back; returns what people said and how it stands."""
    with transaction.atomic():
        load(SMALL)
        for check in then:
            check()
        told = texts(), Counter(Conversation.objects.values_list("state", flat=True))
        transaction.set_rollback(True)
    (home / "demo.json").unlink()
    return told


def check_states_and_people() -> None:
    states = Counter(Conversation.objects.values_list("state", flat=True))
    assert {state for state in states if states[state]} == {
        "open", "snoozed", "solved", "spam", "merged",
    }  # fmt: skip
    kinds = Counter(Message.objects.values_list("kind", flat=True))
    assert set(kinds) >= {"human", "auto_reply", "bulk", "bounce"}
    languages = Counter(Conversation.objects.values_list("language", flat=True))
    assert all(languages[language] >= 10 for language in ("en", "pl", "zh-Hant", "zh-Hans"))
    assert Counter(Conversation.objects.values_list("channel_kind", flat=True)).keys() == {
        "email",
        "webhook",
    }
    ada = Agent.objects.get(email="ada@maple.example")
    assert Conversation.objects.open().assigned_to(ada).count() >= 10
    assert Conversation.objects.open().unassigned().exclude(waiting_since=None).count() >= 10
    assert Team.objects.count() == 3
    assert Agent.objects.count() == 7
    assert Envelope.objects.exclude(state="done").count() == 0


def check_mails() -> None:
    """Mails are threaded, files kept, bounces told."""
    opened = Conversation.objects.exclude(state="merged").count()
    assert opened == len(plan_history(clock.now(), size=SMALL))
    assert not JoinProposal.objects.standing().exists()
    assert Attachment.objects.filter(is_inline=True).exists()
    assert Attachment.objects.filter(content_type="application/pdf").exists()
    assert Message.objects.filter(extras__has_key="invites").exists()
    assert Message.objects.exclude(quoted="").exists()
    assert Message.objects.filter(direction="note").exists()
    assert Delivery.objects.filter(state="failed").exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"accepted", "failed"}
    assert Conversation.objects.filter(participants__customer__name="Moira Finch").exists()


def check_times() -> None:
    """History has the times of history, and nothing of it is left to do."""
    now = clock.now()
    oldest = Conversation.objects.order_by("opened_at").first()
    assert oldest is not None
    assert oldest.opened_at < now - timedelta(days=20)
    assert not Message.objects.filter(sent_at__gt=now).exists()
    assert not Entry.objects.filter(at__gt=now).exists()
    times = list(Entry.objects.order_by("id").values_list("at", flat=True))
    late = sum(later < earlier for earlier, later in itertools.pairwise(times))
    assert late < len(times) / 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_a_second_load_does_nothing(db, empty_home):
    load()
    before = texts()
    assert load() == ["The demo is there already."]
    assert texts() == before
    assert Company.objects.count() == 1


def test_a_load_that_breaks_off_leaves_nothing_and_can_begin_again(db, empty_home):

    def stop(words: str) -> None:
        if words.endswith("%"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(tell=stop, size=TINY)
    assert not Company.objects.exists()
    assert not Conversation.objects.exists()
    assert not Entry.objects.exists()
    load()
    assert Company.objects.get().name == "Maple Outdoors"


def test_the_demo_never_comes_into_a_company_that_somebody_set_up(db, empty_home):
    Company.objects.create(name="Real Ltd")
    with pytest.raises(CommandFailed, match="set up already"):
        load()
    assert not Channel.objects.exists()


def test_customers_without_a_company_are_real_data_too(db, empty_home):
    dora = make_customer("Dora")
    Conversation.objects.create(customer=dora, subject="Tent")
    with pytest.raises(CommandFailed, match="set up already"):
        load()


def test_the_sign_in_is_random_private_and_told_until_it_is_changed(db, empty_home):
    load()
    told = sign_in_of_demo(connection)
    ada = Agent.objects.get(email=told["email"])
    assert ada.check_password(told["password"])
    assert ada.is_admin
    assert len(told["password"]) >= 12
    path = empty_home / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["password"] == told["password"]
    ada.set_password("a new one of her own")
    ada.save()
    assert sign_in_of_demo(connection) == {"demo": "yes"}


def test_a_sign_in_left_over_from_another_database_is_not_told(db, empty_home):
    load()
    assert kept() is not None
    Channel.objects.filter(kind="email").update(public_id="00000000-0000-4000-8000-000000000000")
    assert sign_in_of_demo(connection) == {}


def test_the_doors_can_be_moved_to_ports_that_are_free(db, empty_home):
    load()
    move_doors(smtp_port=2525, callback_port=8181)
    configs = dict(Channel.objects.values_list("kind", "config"))
    assert configs["email"]["smtp_port"] == 2525
    assert configs["email"]["smtp_host"] == "127.0.0.1"
    assert configs["webhook"]["callback_url"] == "http://127.0.0.1:8181/"
    keepsake = kept()
    assert keepsake is not None
    assert (keepsake.smtp_port, keepsake.callback_port) == (2525, 8181)
    assert sign_in_of_demo(connection)["password"] == keepsake.password
