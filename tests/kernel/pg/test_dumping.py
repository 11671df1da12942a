"""A database goes into one file and back, whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.pg.dumping import client_program, connect_words, dump_database, load_database
from rapport.kernel.pg.faults import DumpFailed
from rapport.kernel.pg.trying import create_database, drop_database, name_database
from tests.kernel.pg.conftest import ask

LETTERS = """\
CREATE TABLE letter (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text NOT NULL);
INSERT INTO letter (words) SELECT 'Zażółć 漢字 ' || number FROM generate_series(1, 1000) AS number;
INSERT INTO letter (words) VALUES (E'COMMIT;\\nROLLBACK;\\n\\\\.\\nCOPY public.letter');
CREATE FUNCTION shout(words text) RETURNS text LANGUAGE sql RETURN upper(words);
"""


@pytest.fixture
def other_database(postgres_url: str) -> Iterator[str]:
    name = f"test_other_{uuid.uuid4().hex[:12]}"
    yield create_database(postgres_url, name)
    drop_database(postgres_url, name)


def test_what_was_dumped_is_what_is_loaded(
    fresh_database: str, other_database: str, tmp_path: Path
) -> None:
    ask(fresh_database, LETTERS)
    told: list[str] = []
    dump_database(fresh_database, tmp_path / "a dump", on_progress=told.append)
    load_database(other_database, tmp_path / "a dump", on_progress=told.append)
    words = "select id, words from letter order by id"
    assert ask(other_database, words) == ask(fresh_database, words)
    assert ask(other_database, "select shout('żółw')") == [("ŻÓŁW",)]
    assert ask(other_database, "insert into letter (words) values ('') returning id") == [(1002,)]
    assert told == ["public.letter", "public.letter"]


def test_a_dump_shows_what_its_snapshot_sees(fresh_database: str, tmp_path: Path) -> None:
    ask(fresh_database, LETTERS)
    with psycopg.connect(fresh_database) as keeper:
        keeper.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = keeper.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        ask(fresh_database, "delete from letter")
        dump_database(fresh_database, tmp_path / "dump", snapshot=row[0])
    load_database(fresh_database, tmp_path / "dump", replace=True)
    assert ask(fresh_database, "select count(*) from letter") == [(1001,)]


def test_loading_over_something_changes_nothing_unless_told_to(
    fresh_database: str, tmp_path: Path
) -> None:
    ask(fresh_database, LETTERS)
    dump_database(fresh_database, tmp_path / "dump")
    ask(fresh_database, "delete from letter where id > 5; create table other as select 1")
    with pytest.raises(DumpFailed, match="already exists"):
        load_database(fresh_database, tmp_path / "dump")
    assert ask(fresh_database, "select count(*) from letter") == [(5,)]
    load_database(fresh_database, tmp_path / "dump", replace=True)
    assert ask(fresh_database, "select count(*) from letter") == [(1001,)]
    assert ask(fresh_database, "select to_regclass('other')") == [(None,)]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_dump_changes_nothing(fresh_database: str, tmp_path: Path, share: float) -> None:
    ask(fresh_database, LETTERS)
    dump_database(fresh_database, tmp_path / "dump")
    content = (tmp_path / "dump").read_bytes()
    (tmp_path / "dump").write_bytes(content[: int(len(content) * share)])
    ask(fresh_database, "delete from letter where id > 5")
    with pytest.raises(DumpFailed):
        load_database(fresh_database, tmp_path / "dump", replace=True)
    assert ask(fresh_database, "select count(*) from letter") == [(5,)]


def test_a_database_in_use_is_not_replaced_but_said_to_be_busy(
    fresh_database: str, tmp_path: Path
) -> None:
    ask(fresh_database, LETTERS)
    dump_database(fresh_database, tmp_path / "dump")
    with psycopg.connect(fresh_database) as busy:
        busy.execute("select * from letter limit 1")
        with pytest.raises(DumpFailed, match="lock timeout"):
            load_database(fresh_database, tmp_path / "dump", replace=True, patience=1)


def test_a_dump_of_nothing_there_says_why(fresh_database: str, tmp_path: Path) -> None:
    with pytest.raises(DumpFailed, match="does not exist"):
        dump_database(name_database(fresh_database, "nowhere"), tmp_path / "dump")


def test_a_password_is_told_by_the_environment_alone() -> None:
    words, environment = connect_words(
        "postgresql://ada:s%3Dcret@db.example:6432/desk?sslmode=prefer"
    )
    assert "s=cret" not in words
    assert environment["PGPASSWORD"] == "s=cret"
    assert words == "user=ada dbname=desk host=db.example port=6432 sslmode=prefer"


def test_tls_is_left_to_a_program_that_speaks_it() -> None:
    ours = client_program("pg_dump", "postgresql:///desk")
    assert "pginstall18" in str(ours)
    assert "pginstall18" not in str(client_program("psql", "postgresql://db/desk?sslmode=require"))
