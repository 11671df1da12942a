"""Print a fresh one-time link to the first set-up: organisation, administrator, language, first mailbox.

It opens the set-up for seven days, until it was used. When somebody is set up already there is nothing to open.
"""

from __future__ import annotations

import argparse

from rapport.cli.failing import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`rapport setup-link` has no options."""


def run(_options: argparse.Namespace) -> int:
    """Make the link and print it."""
    from rapport.cli.grounding import django_at_hand
    from rapport.kernel.config import config

    with django_at_hand():
        from rapport.accounts.setting_up import is_set_up, make_setup_path

        if is_set_up():
            raise CommandFailed("this desk is set up already; sign in with your own account")
        print(config().public_url.rstrip("/") + make_setup_path())
    return 0
