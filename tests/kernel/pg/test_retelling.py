"""The server's words reach the operator without any customer's words."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest

from rapport.kernel.pg.faults import DiskFull, StartFailed, fault_from_words
from rapport.kernel.pg.retelling import FILE_BYTES, Retelling, append_line, mask_literals
from rapport.kernel.pg.tuning import MB, render_settings

SLOW = "2026-01-01 00:00:00.000 UTC [7] LOG:  duration: 1200.1 ms  statement: "


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("select 'Dora'", "select '?'"),
        ("select 'it''s', 7", "select '?', 7"),
        ("insert into m values ('a\nb', '')", "insert into m values ('?', '?')"),
        ("select E'back\\\\slash ''x'' end'", "select E'?'"),
        ("select 'cut in the mid", "select '?'"),
        ("do $x$ 'secret' $x$; select $1", "do '?'; select $1"),
        ("select $$secret", "select '?'"),
    ],
)
def test_literals_are_masked(statement: str, told: str) -> None:
    assert mask_literals(statement) == told


def test_a_statement_of_many_lines_is_one_masked_line(tmp_path: Path) -> None:
    words = f"{SLOW}insert into message values ('Dear\n\tBen,\n\tmy card is 4111', 3)\nnext\n"
    retelling = Retelling(io.BytesIO(words.encode()), path=tmp_path / "log")
    retelling.wait(5)
    told = (tmp_path / "log").read_text()
    assert told.splitlines()[0].endswith("insert into message values ('?', 3)")
    assert "4111" not in told + retelling.last_words()
    assert told.splitlines()[1] == "next"


def test_a_statement_of_megabytes_stays_short_and_masked(tmp_path: Path) -> None:
    body = "secret\n\t" * 200_000
    retelling = Retelling(io.BytesIO(f"{SLOW}select 'x{body}'\n".encode()), path=tmp_path / "log")
    retelling.wait(30)
    assert "secret" not in (tmp_path / "log").read_text()
    assert (tmp_path / "log").stat().st_size < 1000


def test_only_what_needs_somebody_is_loud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    words = "x [1] LOG:  ready\nx [1] FATAL:  the database system is starting up\n"
    words += "x [1] PANIC:  could not write\n"
    with caplog.at_level(logging.INFO):
        Retelling(io.BytesIO(words.encode()), path=tmp_path / "log").wait(5)
    assert [record.getMessage() for record in caplog.records] == [
        "PostgreSQL says: PANIC:  could not write"
    ]


def test_words_outlive_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    retelling = Retelling(io.BytesIO(b"disk full\n"), path=tmp_path / "missing" / "log")
    retelling.wait(5)
    assert retelling.last_words() == "disk full"


def test_a_long_log_begins_anew_and_keeps_one_before(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * FILE_BYTES)
    append_line(tmp_path / "log", "last")
    append_line(tmp_path / "log", "first")
    assert (tmp_path / "log").read_text() == "first\n"
    assert (tmp_path / "log.1").read_bytes().endswith(b"last\n")


def test_last_words_name_the_fault() -> None:
    full = fault_from_words("PANIC: could not write: No space left on device", where="/home")
    assert isinstance(full, DiskFull)
    assert type(fault_from_words("FATAL: else", where="/home")) is StartFailed


@pytest.mark.parametrize(
    ("memory", "buffers"), [(512, "64MB"), (2048, "128MB"), (4096, "256MB"), (65536, "384MB")]
)
def test_buffers_follow_the_machine_within_bounds(memory: int, buffers: str) -> None:
    told = render_settings("durable", memory=memory * MB, cores=2)
    assert f"shared_buffers = '{buffers}'" in told
    assert "fsync = 'on'" in told
    assert "fsync = 'off'" in render_settings("throwaway", memory=memory * MB, cores=1)


def test_a_mac_writes_through_the_cache_of_its_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "wal_sync_method" not in render_settings("durable")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "wal_sync_method = 'fsync_writethrough'" in render_settings("durable")
    assert "wal_sync_method" not in render_settings("throwaway")
