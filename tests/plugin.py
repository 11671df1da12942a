"""The test session's ground: a database server and a data folder, there before any setting is read.

Without DATABASE_URL a throw-away embedded PostgreSQL is started by the first process and ended with it.
With DATABASE_URL that server is used; only databases named `test_…` are made on it and they are dropped.
Every process (xdist worker) has a database and a data folder of its own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from rapport.kernel.pg.trying import drop_database, name_database, throwaway_server

SESSION = "PYTEST_DESK_SESSION"
SERVER = "PYTEST_DESK_SERVER"
CLOSING = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The earliest hook: pytest-django reads the settings right after all plugins are loaded."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _open_session()
    os.environ["DATABASE_URL"] = database_url(process_name())
    os.environ["RAPPORT_HOME"] = str(session_folder() / process_name())


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that opened the session closes it."""
    CLOSING.close()


def process_name() -> str:
    """The name of this process within the session: gw0, gw1 … or main."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def session_folder() -> Path:
    """The temporary folder of this session."""
    return Path(os.environ[SESSION])


def database_name(part: str) -> str:
    """The name of this session's database for a process, or of its template."""
    return f"test_{session_folder().name.rpartition('-')[2]}_{part}".lower()


def database_url(part: str) -> str:
    """The address of this session's database for a process, or of its template."""
    return name_database(os.environ[SERVER], database_name(part))


def _open_session() -> None:
    given = os.environ.get("DATABASE_URL")
    for name in [name for name in os.environ if name.startswith("RAPPORT_")]:
        del os.environ[name]
    os.environ.pop("REDIS_URL", None)
    folder = Path(tempfile.mkdtemp(prefix="desk-test-"))
    folder.chmod(0o711)
    os.environ[SESSION] = str(folder)
    CLOSING.callback(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(CLOSING.close)
    if given:
        os.environ[SERVER] = given
        CLOSING.callback(_drop_databases)
    else:
        os.environ[SERVER] = CLOSING.enter_context(throwaway_server(folder))


def _drop_databases() -> None:
    import psycopg

    server = os.environ[SERVER]
    with psycopg.connect(server) as connection:
        words = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        names = connection.execute(words, [database_name("")]).fetchall()
    for (name,) in names:
        drop_database(server, name)
