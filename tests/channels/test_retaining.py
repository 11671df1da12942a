"""What is kept, and for how long."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rapport.channels.events import DeliveryPostponed, EnvelopeParked
from rapport.channels.models import Envelope
from rapport.channels.retaining import forget_old_raw
from rapport.conversations.events import ConversationSolved
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.journal.following import FOLLOWERS
from rapport.kernel.journal.models import Cursor, Entry
from rapport.kernel.journal.retaining import forget_old_entries
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def test_raw_bytes_go_after_the_companys_days_and_parked_ones_stay(cast: Cast) -> None:
    old = clock.now() - timedelta(days=31)
    fields = {"channel": cast.mail, "raw": b"words", "received_at": old}
    done = Envelope.objects.create(event_id="1", state="done", **fields)
    parked = Envelope.objects.create(event_id="2", state="parked", **fields)
    fresh = Envelope.objects.create(event_id="3", state="done", channel=cast.mail, raw=b"words")
    assert forget_old_raw() == 0, "without days set everything is kept"
    cast.company.keep_raw_days = 30
    cast.company.save()
    assert forget_old_raw() == 1
    assert forget_old_raw() == 0
    kept = {e.pk: bytes(e.raw) for e in Envelope.objects.all()}
    assert kept == {done.pk: b"", parked.pk: b"words", fresh.pk: b"words"}


def test_many_old_arrivals_are_looked_for_once(cast: Cast) -> None:
    cast.company.keep_raw_days = 30
    cast.company.save()
    old = clock.now() - timedelta(days=31)
    for number in range(5):
        Envelope.objects.create(
            event_id=str(number), state="done", channel=cast.mail, raw=b"words", received_at=old
        )
    with CaptureQueriesContext(connection) as asked:
        assert forget_old_raw(limit=2) == 5
    looks = [each["sql"] for each in asked if '"received_at" <' in each["sql"]]
    begun_at = [int(re.search(r'"id" > (\d+)', look)[1]) for look in looks]
    assert begun_at == sorted(set(begun_at)), "no look reads what another one has read"


def record_old_news(cast: Cast) -> None:
    with transaction.atomic():
        journal.record(EnvelopeParked(by=BY, envelope=1, error="no"))
        journal.record(ConversationSolved(by=BY, conversation=cast.tent.pk))
    Entry.objects.update(recorded_at=clock.now() - timedelta(days=4000))


def test_news_past_its_days_goes_and_what_measures_need_stays(cast: Cast) -> None:
    record_old_news(cast)
    last = Entry.objects.latest("id")
    for name in FOLLOWERS:
        Cursor.objects.create(name=name, era=last.era, xid=last.xid, entry=last.pk)
    assert forget_old_entries() == 1
    assert Entry.objects.filter(kind="conversations.solved").exists()
    assert not Entry.objects.filter(kind="channels.envelope_parked").exists()


def test_a_night_reads_what_has_grown_old_since_and_not_the_journal(cast: Cast) -> None:
    begun = clock.now()
    with transaction.atomic():
        for number in range(12):
            journal.record(EnvelopeParked(by=BY, envelope=number, error="no"))
            journal.record(ConversationSolved(by=BY, conversation=cast.tent.pk))
    rows = list(Entry.objects.order_by("pk"))
    for row, entry in enumerate(rows):
        old = begun - timedelta(days=400 - row, hours=-12)  # a row a day, the parked ones first
        Entry.objects.filter(pk=entry.pk).update(recorded_at=old)
    for name in FOLLOWERS:
        Cursor.objects.create(name=name, era=rows[-1].era, xid=rows[-1].xid, entry=rows[-1].pk)
    with time_machine.travel(begun - timedelta(days=25)):
        assert forget_old_entries(limit=3) == 5
    with time_machine.travel(begun - timedelta(days=25)):
        assert forget_old_entries(limit=3) == 0
    with CaptureQueriesContext(connection) as asked, time_machine.travel(begun):
        assert forget_old_entries(limit=1000) == 7
    begins = [int(n) for each in asked for n in re.findall(r"id > (\d+) AND id <", each["sql"])]
    assert min(begins) == rows[9].pk, "what was looked at is not read again"
    assert set(Entry.objects.values_list("kind", flat=True)) == {"conversations.solved"}


def test_nothing_goes_that_a_follower_has_not_read(cast: Cast) -> None:
    record_old_news(cast)
    assert forget_old_entries() == 0, "a follower that has not begun may want all"
    for name in FOLLOWERS:
        Cursor.objects.create(name=name)
    assert forget_old_entries() == 0, "one that stands before it still will"


def test_kinds_of_which_measures_are_made_are_kept_for_good() -> None:
    assert ConversationSolved.keep_days is None
    assert DeliveryPostponed.keep_days == 90
