"""The door's tests: people with passwords, and the mail that the deployment would send."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password

from rapport.accounts.models import Agent
from rapport.kernel import config
from rapport.kernel.secrets import unseal
from tests.cast import Cast

PASSWORD = "tent-pegs-in-the-rain"


@pytest.fixture
def ben(cast: Cast) -> Agent:
    """Ben, who has a password."""
    Agent.objects.filter(pk=cast.ben.pk).update(password=make_password(PASSWORD))
    cast.ben.refresh_from_db()
    return cast.ben


@pytest.fixture
def with_mail(monkeypatch: pytest.MonkeyPatch):
    """A deployment that has a server for mail of its own."""
    monkeypatch.setenv("RAPPORT_SMTP_URL", "smtp://127.0.0.1:2525")
    config.config.cache_clear()
    yield
    monkeypatch.undo()
    config.config.cache_clear()


@pytest.fixture
def queued_mails(db: None):
    """The mails that wait to be sent, opened."""

    def read() -> list[dict[str, str]]:
        from procrastinate.contrib.django.models import ProcrastinateJob

        jobs = ProcrastinateJob.objects.filter(task_name="accounts.send_mail").order_by("id")
        return [unseal(job.args["sealed"]) for job in jobs]

    return read
