"""The database of a test process: copied from a template that one process migrates for all."""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from rapport.cli.migrating import mark_of_version
from rapport.kernel.pg.dumping import dump_database, load_database
from rapport.kernel.pg.trying import create_database, drop_database
from tests.plugin import (
    SERVER,
    database_name,
    database_url,
    process_name,
    server_folder,
    session_folder,
)

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "template"
#: Tables that migrations fill; what they hold is part of the program.
SEEDED = {"django_migrations", "django_content_type", "auth_permission", "procrastinate_version"}


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The address of the session's server; what a test makes on it, it drops."""
    return os.environ[SERVER]


@pytest.fixture
def database(transactional_db: None) -> str:
    """The address of this process's migrated database, for whoever connects without Django."""
    return os.environ["DATABASE_URL"]


@pytest.fixture
def fresh_database(postgres_url: str) -> Iterator[str]:
    """The address of an empty database that is gone after the test."""
    name = f"test_fresh_{uuid.uuid4().hex[:12]}"
    yield create_database(postgres_url, name)
    drop_database(postgres_url, name)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Make this process's database; transactional tests sweep it instead of flushing it."""
    from django.db import connection
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        _copy_template()
        sweep = _sweeping()
    TransactionTestCase._fixture_teardown = sweep  # type: ignore[method-assign]
    yield
    with django_db_blocker.unblock():
        connection.close()


def _copy_template() -> None:
    with (session_folder() / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = server_folder() / "template.made"
        if not made.exists():
            _create_database(TEMPLATE)
            _fill_template()
            made.touch()
        _create_database(process_name(), template=database_name(TEMPLATE))


def _create_database(part: str, *, template: str = "template0") -> None:
    words = "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE {} STRATEGY file_copy"
    with psycopg.connect(os.environ[SERVER], autocommit=True) as server:
        server.execute(
            sql.SQL(words).format(sql.Identifier(database_name(part)), sql.Identifier(template))
        )


def _fill_template() -> None:
    """Load the tables as an earlier run has dumped them, or migrate: seven seconds of pure Python."""
    url = database_url(TEMPLATE)
    with psycopg.connect(url) as server:
        major = server.info.server_version // 10000
    kept = ROOT / ".pytest_cache" / f"tables-{mark_of_version().split()[1]}-{major}.dump"
    if kept.exists():
        load_database(url, kept)
        return
    _migrate(database_name(TEMPLATE))
    kept.parent.mkdir(exist_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    dump_database(url, fresh)
    fresh.rename(kept)


def _migrate(name: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def _sweeping() -> Any:
    """What a transactional test ends with: empty every table, in any order.

    Our foreign keys are checked at commit, so DELETE needs no order; unlike TRUNCATE it waits for no
    reader, and it costs three milliseconds instead of half a second.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - SEEDED)
    deletes = "; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)
    statement = f"SET CONSTRAINTS ALL DEFERRED; {deletes}"

    def sweep(_case: Any) -> None:
        from django.db import transaction

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    return sweep
