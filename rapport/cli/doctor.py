"""Check every part and name the fix: database, tables, jobs, bus, followers, disk, clock, files, mail.

Ends with 1 when something failed. It may run beside everything else at any time.
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport doctor`."""
    parser.add_argument("--offline", action="store_true", help="leave the mail servers alone")


def run(options: argparse.Namespace) -> int:
    """Look at each part in the order in which they depend on each other."""
    from rapport.cli.grounding import django_at_hand
    from rapport.kernel.config import config

    print(f"        data folder  {config().home_path}")
    with django_at_hand():
        # Their words can be translated, for which Django must be set up when they are imported.
        from rapport.cli import checking
        from rapport.kernel import checks

        is_there = checking.tell_all([checks.check_disk, checks.check_database])
        is_there = is_there and checking.tell_all([checking.check_migrations])
        parts = [
            checks.check_clock,
            checks.check_files,
            checks.check_bus,
            checking.check_jobs,
            checking.check_envelopes,
            checks.check_followers,
            *([] if options.offline else [checking.check_mail]),
        ]
        is_well = is_there and checking.tell_all(parts)
    if not is_well:
        print("\nSomething failed: the lines with → say what to do.")
        return 1
    print("\nEverything that Rapport stands on works.")
    return 0
