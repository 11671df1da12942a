"""Loading: the demo comes into an empty database, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from rapport.accounts.models import Agent, Company
from rapport.channels.models import Channel
from rapport.cli.demonstrating.founding import found_company
from rapport.cli.demonstrating.keeping import keep, sign_in_of_demo
from rapport.cli.demonstrating.planning import DAYS, FULL, Size, beats_of, plan_history
from rapport.cli.demonstrating.playing import play
from rapport.cli.failing import CommandFailed
from rapport.conversations.models import Conversation, Message
from rapport.kernel import clock
from rapport.kernel.pg.locking import lock_name

Tell = Callable[[str], None]
#: More kinds of statements than a load has.
MOST_PREPARED = 1_000


def load_demo(*, tell: Tell, size: Size = FULL) -> bool:
    """Load it; False where it is there already. Raises CommandFailed where somebody has set up something else.

    One transaction: a load that was interrupted has left nothing, and nobody sees half of one.
    """
    with _with_prepared_statements(), transaction.atomic():
        with connection.cursor() as cursor:
            lock_name(cursor, "demo", 0)
        if sign_in_of_demo(connection):
            tell("The demo is there already.")
            return False
        if any(model.objects.exists() for model in (Company, Agent, Channel, Conversation)):
            raise CommandFailed("this database is set up already; the demo needs an empty one")
        with _without_savepoints():
            _load(tell, size)
        tell(
            f"Loaded {Conversation.objects.count()} conversations "
            f"with {Message.objects.count()} messages."
        )
    return True


@contextmanager
def _with_prepared_statements() -> Iterator[None]:
    """Twenty thousand statements of a few hundred kinds: let the server plan each kind once.

    Measured, that is a quarter of the load. The connection is another one for the length of the block.
    """
    if connection.in_atomic_block:
        yield
        return
    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    _reconnect(options | {"server_side_binding": True, "prepare_threshold": 3})
    connection.ensure_connection()
    connection.connection.prepared_max = MOST_PREPARED
    try:
        yield
    finally:
        _reconnect(before)


def _reconnect(options: dict[str, Any]) -> None:
    """Let the next statement find a connection with these options."""
    connection.close()
    connection.settings_dict["OPTIONS"] = options
    connection.features.__dict__.pop("uses_server_side_binding", None)  # remembered from the last


@contextmanager
def _without_savepoints() -> Iterator[None]:
    """Ten thousand abilities in one transaction: a savepoint for each would be every third statement.

    Nothing is retried here; whatever fails ends the whole load.
    """
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = True


def _load(tell: Tell, size: Size) -> None:
    tell("Loading the demo company, four weeks of its history …")
    now = clock.now()
    with clock.frozen_at(now - timedelta(days=DAYS + 9)):
        company = found_company()
    beats = beats_of(plan_history(now, size=size))
    fifth = max(len(beats) // 5, 1)

    def on_beat(number: int) -> None:
        if number and number % fifth == 0:
            tell(f"  {number * 100 // len(beats)} %")

    play(beats, company, now=now, on_beat=on_beat)
    _forget_calls()
    # Before the commit: a database with a demo must never lack its sign-in.
    keep(company.keepsake)


def _forget_calls() -> None:
    """Nothing of history is due: take back the calls to deliver, and say when envelopes were worked off."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'channels.deliver'")
        cursor.execute(
            "UPDATE channels_envelope SET done_at = received_at + interval '1 second'"
            " WHERE state = 'done'"
        )
