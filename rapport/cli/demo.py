"""Fill an empty database with a believable company and four weeks of its history.

It is the same each time. A database that somebody has set up is left alone.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from importlib.util import find_spec

from rapport.cli.failing import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`rapport demo` has no options."""


def run(_options: argparse.Namespace) -> int:
    """Load the demo, tell how to sign in."""
    from rapport.cli.grounding import django_at_hand

    if not find_spec("rapport.cli.demoing"):
        raise CommandFailed("this build holds no demo")
    with django_at_hand():
        from django.db import connection

        from rapport.accounts.models import Company
        from rapport.cli.migrating import migrate_database

        demoing = import_module("rapport.cli.demoing")
        migrate_database(tell=_say)
        if Company.objects.exists():
            raise CommandFailed("this database is set up already; the demo needs an empty one")
        demoing.load_demo(tell=_say)
        told = demoing.sign_in_of_demo(connection)
    print(f"Sign in as {told['email']} with the password {told['password']}")
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
