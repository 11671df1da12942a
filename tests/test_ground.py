"""The ground that the tests stand on."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from django.db import connection

from rapport.accounts.models import Team
from rapport.kernel.config import config


@pytest.mark.django_db
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_writes_is_gone_for_the_next(turn: str) -> None:
    Team.objects.create(name="Billing")
    assert Team.objects.count() == 1


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_gone_for_the_next(turn: str, database: str) -> None:
    Team.objects.create(name="Billing")
    with psycopg.connect(database) as other:
        assert other.execute("SELECT count(*) FROM accounts_team").fetchone() == (1,)


@pytest.mark.django_db
def test_every_part_of_the_program_names_the_same_test_database() -> None:
    assert connection.settings_dict["NAME"].startswith("test_")
    assert config().database_url == os.environ["DATABASE_URL"]
    assert config().database_url.split("?")[0].endswith(connection.settings_dict["NAME"])


def test_the_data_folder_of_a_test_is_a_temporary_one() -> None:
    assert "desk-test-" in str(config().home_path)


def test_a_browser_sees_the_desk_that_the_test_fills(page: Any) -> None:
    Team.objects.create(name="Billing")
    answer = page.goto("/healthz")
    assert answer.status == 200
    assert "ok" in page.content()
