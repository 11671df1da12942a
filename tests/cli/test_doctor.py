"""The doctor names what is wrong and what to do about it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from rapport.channels.models import Envelope
from rapport.cli.migrating import is_current, mark_of_version
from rapport.kernel import clock
from tests.makers import make_channel

PARTS = ("disk", "database", "migrations", "clock", "files", "bus", "jobs", "envelopes", "mail")


def test_a_healthy_desk_is_called_healthy(command, database):
    told = command("doctor")
    assert told.code == 0, told.out
    for part in PARTS:
        assert f"ok      {part:<12}" in told.out
    assert "FAILED" not in told.out


def test_a_database_that_is_away_is_the_one_fault_that_is_told(process):
    told = process("doctor", DATABASE_URL="postgresql://ada@127.0.0.1:1/desk")
    assert (told.code, told.out.count("FAILED")) == (1, 1)
    assert "FAILED  database" in told.out
    assert "→ check DATABASE_URL" in told.out


def test_mail_that_nobody_takes_in_is_a_fault(command, database):
    channel = make_channel("email", name="Help", address="help@maple.example")
    before = clock.now() - timedelta(minutes=5)
    Envelope.objects.create(channel=channel, event_id="1", raw=b"x", received_at=before)
    told = command("doctor", "--offline")
    assert told.code == 1
    assert "FAILED  envelopes" in told.out
    assert "→ start `rapport work`" in told.out


def test_parked_mail_is_told_but_is_no_fault(command, database):
    channel = make_channel("email", name="Help", address="help@maple.example")
    Envelope.objects.create(channel=channel, event_id="1", raw=b"x", state="parked")
    told = command("doctor", "--offline")
    assert told.code == 0
    assert "1 parked" in told.out
    assert "rapport envelopes --parked" in told.out


def test_tables_of_another_version_stop_the_examination(command, database):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'channels' RETURNING app, name")
        taken = cursor.fetchall()
    try:
        told = command("doctor", "--offline")
    finally:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO django_migrations VALUES (DEFAULT, %s, %s, now())", taken
            )
    assert told.code == 1
    assert "→ run `rapport migrate`" in told.out


def test_a_migrated_database_is_known_without_looking_at_each_table(command, database):
    assert command("migrate").code == 0
    assert is_current(connection)
    assert command("migrate", "--check").code == 0
    assert mark_of_version() == mark_of_version()
