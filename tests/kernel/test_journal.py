"""The journal: what is recorded, in which order it is read, and how followers fare."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import connection, transaction

from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.journal import following
from rapport.kernel.journal.eras import begin_era, heal_era
from rapport.kernel.journal.events import KINDS
from rapport.kernel.journal.models import Cursor, Entry, Stumble
from rapport.kernel.journal.recording import NotInTransaction
from rapport.kernel.journal.rereading import rebuild

ADA = Actor("agent", 1, "Ada")


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(journal.Event):
    kind: ClassVar[str] = "kitchen.boiled"
    kettle: int

    @property
    def subject(self) -> tuple[str, int]:
        return "kettle", self.kettle


@pytest.fixture
def read() -> Iterator[list[int]]:
    """A follower that writes down which kettles boiled, and refuses number 13."""
    seen: list[int] = []

    def handle(entries: Sequence[Entry]) -> None:
        numbers = [entry.details["kettle"] for entry in entries]
        if 13 in numbers:
            raise ValueError("unlucky")
        seen.extend(numbers)

    journal.follow("kitchen", KettleBoiled, batch=10, forget=seen.clear)(handle)
    yield seen
    del following.FOLLOWERS["kitchen"]


def boil(*kettles: int) -> None:
    with transaction.atomic():
        journal.record_all([KettleBoiled(by=ADA, kettle=kettle) for kettle in kettles])


def follow() -> int:
    return following.follow_on(following.FOLLOWERS["kitchen"])


def follow_until(seen: list[int], count: int) -> None:
    """Follow until so many kettles were seen: an open transaction of any database on the server delays it."""
    deadline = time.monotonic() + 60
    while len(seen) < count and time.monotonic() < deadline:
        Cursor.objects.update(retry_at=None)
        if not follow():
            time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_slow_commit_is_never_skipped_by_those_who_read_meanwhile(read: list[int]) -> None:
    recorded, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            journal.record(KettleBoiled(by=ADA, kettle=1))
            recorded.set()
            may_commit.wait(10)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    recorded.wait(10)
    boil(2)
    boil(3)
    while follow():
        pass
    assert 1 not in read, "what is not committed cannot be seen"
    may_commit.set()
    writer.join()
    follow_until(read, 3)
    assert sorted(read) == [1, 2, 3]
    assert read == [1, 2, 3], "in the order of their transactions"


@pytest.mark.django_db(transaction=True)
def test_a_follower_that_stumbles_sets_the_entry_aside_and_the_rest_goes_on(
    read: list[int],
) -> None:
    boil(12)
    boil(13, 14)
    follow_until(read, 2)
    assert read == [12, 14]
    assert Stumble.objects.get().error == "ValueError: unlucky"


@pytest.mark.django_db(transaction=True)
def test_a_follower_can_be_rebuilt_from_row_one(read: list[int]) -> None:
    boil(1, 2)
    follow_until(read, 2)
    rebuild("kitchen")
    assert read == []
    follow_until(read, 2)
    assert read == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_restored_journal_goes_on_behind_what_was_restored(read: list[int]) -> None:
    """In another cluster transaction numbers start anew; the era keeps the order."""
    boil(1)
    Entry.objects.update(xid=2**50)
    with transaction.atomic():
        assert heal_era(connection) == Entry.objects.get().era + 1
    boil(2)
    follow_until(read, 2)
    assert read == [1, 2]
    # The era stays: an edge that has seen it would be deaf to an earlier one, here as anywhere.


@pytest.mark.django_db(transaction=True)
def test_an_era_that_needs_no_healing_stays(read: list[int]) -> None:
    boil(1)
    with transaction.atomic():
        assert heal_era(connection) is None
    with transaction.atomic():
        assert begin_era(connection) == Entry.objects.get().era + 1
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_an_event_comes_back_as_it_was_recorded() -> None:
    boil(7)
    entry = Entry.objects.get()
    assert entry.subject_kind == "kettle"
    assert entry.streams == "kettle:7"
    event = entry.event()
    assert isinstance(event, KettleBoiled)
    assert (event.kettle, event.by) == (7, ADA)


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        journal.record(KettleBoiled(by=ADA, kettle=1))


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_recorded(read: list[int]) -> None:
    with transaction.atomic():
        journal.record(KettleBoiled(by=ADA, kettle=1))
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


def test_positions_are_printed_and_read_back() -> None:
    position = journal.Position(1, 700, 42)
    assert journal.Position.parse(str(position)) == position
    for wrong in ("", "1.2", "a.b.c", "1.2.-3", "1.2.99999999999999999999", "1.2.3.4"):
        with pytest.raises(ValueError):
            journal.Position.parse(wrong)


def test_every_kind_of_event_has_a_name_of_its_room() -> None:
    assert all(kind.count(".") == 1 for kind in KINDS)
