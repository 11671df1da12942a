"""Fill an empty database with a believable company and four weeks of its history.

It is the same each time. A database that somebody has set up is left alone, and a second call does nothing.
With --live the company's customers keep writing and answering, until the process that started them ends.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport demo`."""
    parser.add_argument(
        "--live",
        action="store_true",
        help="let simulated customers write and answer; `rapport up` starts this by itself",
    )
    parser.add_argument("--ports", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Load the demo and tell how to sign in, or be its customers."""
    if options.live:
        from rapport.cli.demonstrating.living import live

        return live()
    return _tell_ports(options.ports) if options.ports else _load()


def _tell_ports(ports: str) -> int:
    """The simulated customers found their ports taken: let the channels send to others."""
    from rapport.cli.grounding import django_at_hand

    with django_at_hand():
        from rapport.cli.demonstrating.founding import move_doors

        smtp_port, callback_port = (int(port) for port in ports.split(","))
        move_doors(smtp_port=smtp_port, callback_port=callback_port)
    return 0


def _load() -> int:
    from rapport.cli.grounding import django_at_hand

    with django_at_hand():
        from django.db import connection

        from rapport.cli.demonstrating.keeping import sign_in_of_demo
        from rapport.cli.demonstrating.loading import load_demo
        from rapport.cli.migrating import migrate_database

        migrate_database(tell=_say)
        load_demo(tell=_say)
        told = sign_in_of_demo(connection)
    if "password" in told:
        print(f"Sign in as {told['email']} with the password {told['password']}")
    else:
        print("Sign in with your own account; the demo's password has been changed.")
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
