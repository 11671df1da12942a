"""Work off what arrived, send what is due, watch the mailboxes, follow the journal.

Start as many as you like, on any machine: they share the work. SIGTERM lets each finish what it holds.
"""

from __future__ import annotations

import argparse
import signal
import threading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`rapport work` has no options."""


def run(_options: argparse.Namespace) -> int:
    """Work until SIGINT or SIGTERM."""
    from rapport.cli.grounding import django_at_hand
    from rapport.kernel import logs
    from rapport.kernel.config import config

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with django_at_hand():
        from rapport.channels.working import work
        from rapport.kernel.settling import settle_threads

        logs.set_up_logs(form=config().log_format, level=config().log_level)
        settle_threads()
        work(stop)
    return 0
