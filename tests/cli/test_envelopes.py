"""Whatever arrived can be seen, taken out as it was, and sent down the road again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rapport.channels.models import Envelope
from tests.makers import make_channel

RAW = b"From: \xff\r\n\r\nunreadable\x00"


@pytest.fixture
def parked(database):
    channel = make_channel("email", name="Help", address="help@maple.example")
    common = {"channel": channel, "raw": RAW, "door": "imap"}
    Envelope.objects.create(event_id="one", state="done", **common)
    return Envelope.objects.create(
        event_id="two", state="parked", error="no sender\nmore", attempts=3, **common
    )


def test_parked_envelopes_are_listed_with_their_error(command, parked):
    told = command("envelopes", "--parked")
    assert told.out.count("\n") == 1
    assert f"{parked.pk}\tparked" in told.out
    assert "no sender" in told.out
    assert command("envelopes").out.count("\n") == 2


def test_an_envelope_is_shown_with_everything_but_its_bytes(command, parked):
    told = command("envelopes", "show", str(parked.pk)).out
    for words in ("Help (email)", "imap", "two", "parked", "no sender", "attempts  3"):
        assert words in told
    assert "unreadable" not in told


def test_the_raw_bytes_come_out_as_they_came_in(parked):
    words = [sys.executable, "-m", "rapport", "envelopes", "raw", str(parked.pk)]
    assert subprocess.run(words, capture_output=True, check=True).stdout == RAW


def test_a_parked_envelope_is_replayed_once(command, parked):
    assert command("envelopes", "replay", str(parked.pk)).code == 0
    parked.refresh_from_db()
    assert (parked.state, parked.error) == ("waiting", "")


def test_all_parked_envelopes_are_replayed_and_no_other(command, parked):
    assert "1 envelopes wait" in command("envelopes", "replay", "--all").out
    assert sorted(Envelope.objects.values_list("state", flat=True)) == ["done", "waiting"]


def test_an_envelope_that_is_not_there_is_said_so(command, database):
    told = command("envelopes", "show", "7")
    assert (told.code, told.err) == (1, "rapport: there is no envelope 7\n")
