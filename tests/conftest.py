"""What every test may ask for."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.kernel.pg.trying import (
    create_database,
    drop_database,
    share_server,
    throwaway_server,
)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded mails and payloads that stands beside a developer's clone."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have ../shared/data: nothing is skipped there")
        pytest.skip("no ../shared/data beside this clone")
    return folder


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One PostgreSQL for the whole run, shared by its workers: DATABASE_URL, else a throw-away."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        yield share_server(folder.parent / "server", while_pid=os.getppid())
        return
    with throwaway_server(folder / "server") as url:
        yield url


@pytest.fixture
def fresh_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database that is gone after the test."""
    name = f"fresh_{uuid.uuid4().hex[:12]}"
    yield create_database(postgres_url, name)
    drop_database(postgres_url, name)
