"""The test session's ground: a database server and a data folder, there before any setting is read.

Without DATABASE_URL each process (xdist worker) starts a throw-away embedded PostgreSQL and ends it: on a
shared one the journal's readers of one process wait for the long transactions of the other's tests.
With PYTEST_SERVER_BY it is not the embedded one but what that script runs its arguments with.
With DATABASE_URL that server is used; only databases named `test_…` are made on it and they are dropped.
Every process has a database and a data folder of its own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from rapport.kernel.pg.trying import drop_database, name_database, throwaway_server

SESSION = "PYTEST_DESK_SESSION"
SERVER = "PYTEST_DESK_SERVER"
GIVEN = "PYTEST_DESK_GIVEN_SERVER"
SERVER_BY = "PYTEST_SERVER_BY"
CLOSING = ExitStack()
DATABASE_FIXTURES = {"db", "transactional_db", "database", "fresh_database", "postgres_url"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The earliest hook: pytest-django reads the settings right after all plugins are loaded."""
    parser.addoption(
        "--only-database", action="store_true", help="only tests that use the database"
    )
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _open_session()
    _find_server()
    os.environ["DATABASE_URL"] = database_url(process_name())
    os.environ["RAPPORT_HOME"] = str(session_folder() / process_name())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Each process ends its server, and the one that opened the session closes it."""
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
    os.environ[GIVEN] = given or ""
    if given:
        os.environ[SERVER] = given
        CLOSING.callback(_drop_databases)


def _find_server() -> None:
    if given := os.environ[GIVEN]:
        os.environ[SERVER] = given
        return
    server_folder().mkdir(mode=0o711)
    atexit.register(CLOSING.close)
    script = os.environ.get(SERVER_BY)
    served = server_by(script) if script else throwaway_server(server_folder())
    os.environ[SERVER] = CLOSING.enter_context(served)


@contextmanager
def server_by(script: str) -> Iterator[str]:
    """The address of a server that the script serves; it ends with us, also when we are killed."""
    command = [
        script,
        "sh",
        "-c",
        'echo "$DATABASE_URL"; exec cat',
    ]  # `cat` ends with our end of its input
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C is for the tests first
    ) as serving:
        assert serving.stdout is not None
        address = serving.stdout.readline().strip()
        if not address:
            raise pytest.UsageError(f"{script} gives no server")
        yield address


def server_folder() -> Path:
    """Where this process's server lives, or all share what belongs to the server that was given."""
    shared = session_folder()
    return shared if os.environ[GIVEN] else shared / f"server-{process_name()}"


def _drop_databases() -> None:
    import psycopg

    server = os.environ[SERVER]
    with psycopg.connect(server) as connection:
        words = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        names = connection.execute(words, [database_name("")]).fetchall()
    for (name,) in names:
        drop_database(server, name)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """--only-database: keep what asks the database something, and no browser does."""
    if not config.getoption("--only-database"):
        return
    kept = [item for item in items if _asks_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be skipped, a skip is a failure."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.section("skipped tests fail the run, because CI=true", red=True)


def _asks_database(item: pytest.Item) -> bool:
    asked = set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") is not None
    return (marked or bool(asked & DATABASE_FIXTURES)) and "browser" not in asked
