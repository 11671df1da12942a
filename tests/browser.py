"""A real browser, and the real processes that it looks at."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.plugin import session_folder
from tests.watching import Watched

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PATIENCE = 60
UNDER_WAY = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  AND backend_type = 'client backend'"""


@dataclass(frozen=True)
class LiveDesk:
    """A served desk: its address, and the database that it shares with the test."""

    url: str
    database_url: str

    def __truediv__(self, path: str) -> str:
        return f"{self.url}/{path.lstrip('/')}"


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`rapport ARGUMENT…` as a process on the test's database, ended with the block."""
    log = session_folder() / f"{arguments[0]}-{os.getpid()}-{time.monotonic_ns()}.log"
    with log.open("wb") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "rapport", *arguments],
            stdout=words,
            stderr=words,
            env={**os.environ, **environment},
        )
    process.log = log  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def await_answer(url: str, process: Any) -> None:
    """Wait until the address answers; fails with the process's words when it falls."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError as answered:
            answered.close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"no answer from {url}:\n{process.log.read_text(errors='replace')[-4000:]}")


@pytest.fixture(scope="session")
def served_desk(django_db_setup: None) -> Iterator[LiveDesk]:
    """One edge with the pages for the whole session; ask for `live_desk` instead."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    place = ("--host", "127.0.0.1", "--port", str(port))
    with running("edge", "--with-web", *place, RAPPORT_PUBLIC_URL=url) as process:
        await_answer(f"{url}/healthz", process)
        yield LiveDesk(url, os.environ["DATABASE_URL"])


@pytest.fixture
def live_desk(
    request: pytest.FixtureRequest, served_desk: LiveDesk, transactional_db: None
) -> Iterator[LiveDesk]:
    """The real edge with its pages on a free port; what the test commits, it serves.

    Ended with its windows shut and nothing under way: a draft that is still being saved holds what the
    tables are emptied for.
    """
    yield served_desk
    if "browser" in request.fixturenames:
        request.getfixturevalue("browser").shut()
    await_silence()


def await_silence(*, seconds: float = 10) -> None:
    """Wait until no other session of this database has a transaction open."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(UNDER_WAY)
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.05)


@pytest.fixture
def live_worker(transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker on the test's database, for the length of one test."""
    with running("work") as process:
        yield process


@pytest.fixture
def browser(chromium: Any) -> Iterator[Watched]:
    """The browser, watched: what no page may do fails the test, in whichever of its windows it happens."""
    watched = Watched(chromium)
    yield watched
    watched.shut()
    if watched.faults:
        pytest.fail("no page may do this:\n" + "\n".join(watched.faults))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the session; skips where there is none, fails where nothing may be skipped."""
    found = find_chromium()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium: nothing is skipped there")
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; Django would refuse the database because of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Watched, live_desk: LiveDesk) -> Iterator[Any]:
    """A fresh page of a fresh visitor, whose addresses are relative to the desk."""
    context = browser.new_context(base_url=live_desk.url, locale="en-GB")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def find_chromium() -> str | None:
    """The path of a Chromium of this machine."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    return str(ON_A_MAC) if ON_A_MAC.exists() else None


def sign_in(page: Any, agent: Any) -> None:
    """Let the page's visitor be this agent, without going through the sign-in form."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    name, value = settings.SESSION_COOKIE_NAME, session.session_key
    page.context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
