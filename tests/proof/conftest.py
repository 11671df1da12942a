"""A desk that may be killed, with a mailbox, an agent and a mail server that takes what leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase

from rapport.accounts.granting_tokens import grant_token
from rapport.kernel.pg.dumping import dump_database
from rapport.kernel.secrets import seal
from tests.browser import LiveDesk
from tests.cast import Cast
from tests.channels.sinks import Sink, smtp_sink
from tests.edge.conftest import SECRET
from tests.makers import make_agent, make_channel
from tests.plugin import database_url, process_name
from tests.proof.house import House
from tests.proof.stand import Stand


@dataclass(frozen=True)
class Furniture:
    """A dump with a mailbox and an agent in it, and a mail server that takes what leaves."""

    folder: Path
    sink: Sink
    hook: str
    token: str
    channel: int

    @property
    def dump(self) -> Path:
        return self.folder / "dump"


@dataclass(frozen=True)
class Desk:
    """A stand, and what a sender must know of it."""

    stand: Stand
    sink: Sink
    hook: str
    token: str
    channel: int


@pytest.fixture(scope="session")
def furniture(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Furniture]:
    """What every stand begins with; the test's own database is empty again afterwards."""
    folder = tmp_path_factory.mktemp("stand")
    folder.chmod(0o711)
    with smtp_sink() as sink:
        with django_db_blocker.unblock():
            hook, token, channel = _furnish(sink)
            dump_database(database_url(process_name()), folder / "dump")
            TransactionTestCase._fixture_teardown(None)  # type: ignore[arg-type]
        yield Furniture(folder, sink, hook, token, channel)


@pytest.fixture(scope="session")
def desk(furniture: Furniture) -> Iterator[Desk]:
    """One desk for the whole session; its database begins as a copy of the furniture."""
    # What is sent leaves at once, so that the kills meet it on its way.
    stand = Stand(furniture.folder, furniture.dump, RAPPORT_UNDO_SECONDS="0")
    try:
        stand.start()
        yield Desk(stand, furniture.sink, furniture.hook, furniture.token, furniture.channel)
    finally:
        stand.close()


def _furnish(sink: Sink) -> tuple[str, str, int]:
    """A mailbox that sends by the sink, and Ada's key of the API; committed."""
    channel = make_channel("email", address="help@maple.example", config=sink.config)
    ada = make_agent("Ada", role="admin")
    _row, token = grant_token(ada, name="proof", scopes=["*"], by=ada.actor)
    return f"/hooks/email/{channel.hook_secret}", token, channel.pk


def log_lines(log: Path) -> list[str]:
    """The lines of a process's log."""
    return log.read_text(encoding="utf-8", errors="replace").splitlines()


@pytest.fixture
def house(live_desk: LiveDesk, cast: Cast) -> Iterator[House]:
    """The cast behind real doors."""
    cast.hook.sealed = seal({"signing": [{"secret": SECRET, "until": None}]})
    cast.hook.save()
    made = House(cast, live_desk)
    yield made
    made.close()
