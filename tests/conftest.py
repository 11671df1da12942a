"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser import browser, chromium, live_desk, live_worker, page, served_desk
from tests.cast import cast
from tests.database import database, django_db_setup, fresh_database, postgres_url

__all__ = [
    "browser",
    "cast",
    "chromium",
    "database",
    "django_db_setup",
    "fresh_database",
    "live_desk",
    "live_worker",
    "page",
    "postgres_url",
    "served_desk",
]

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
