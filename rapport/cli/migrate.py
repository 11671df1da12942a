"""Bring the database to this version: safe to run again, and by several at once."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport migrate`."""
    parser.add_argument(
        "--check", action="store_true", help="change nothing; end with 1 if something is missing"
    )
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--demo", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Migrate, or look whether that is needed."""
    if options.prepare:
        from rapport.cli.preparing import prepare

        return prepare(demo=options.demo)
    from rapport.cli.grounding import django_at_hand
    from rapport.cli.migrating import migrate_database, missing_migrations

    with django_at_hand():
        if options.check:
            missing = missing_migrations()
            print("\n".join(missing) or "The database is of this version.")
            return 1 if missing else 0
        migrate_database(tell=lambda words: print(words, file=sys.stderr, flush=True))
    return 0
