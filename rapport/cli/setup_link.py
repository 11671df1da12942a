"""Print a fresh one-time link to the first set-up: organisation, administrator, language, first mailbox.

An older link stops working. When somebody is set up already there is nothing to open.
"""

from __future__ import annotations

import argparse

from rapport.cli.failing import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`rapport setup-link` has no options."""


def run(_options: argparse.Namespace) -> int:
    """Make the link and print it."""
    from rapport.cli.grounding import django_at_hand
    from rapport.cli.preparing import SETUP_PATH
    from rapport.kernel.config import config

    with django_at_hand():
        from rapport.accounts.setting_up import is_set_up, setup_secret

        if is_set_up():
            raise CommandFailed("this desk is set up already; sign in with your own account")
        (config().home_path / "setup.secret").unlink(missing_ok=True)
        print(config().public_url.rstrip("/") + SETUP_PATH.format(setup_secret()))
    return 0
