"""Print a link to a new password for somebody who cannot sign in; it works once, for three days.

With --without-second-step the second step is taken off the account too, for a phone that was lost.
"""

from __future__ import annotations

import argparse

from rapport.cli.failing import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `rapport password-link`."""
    parser.add_argument("address", help="the mail address by which they sign in")
    parser.add_argument("--without-second-step", action="store_true", help="take that off as well")


def run(options: argparse.Namespace) -> int:
    """Make the link and print it."""
    from rapport.cli.grounding import django_at_hand
    from rapport.kernel.actors import Actor
    from rapport.kernel.config import config

    by = Actor.system("command line")
    with django_at_hand():
        from rapport.accounts.handing_out_links import make_password_path
        from rapport.accounts.models import Agent
        from rapport.accounts.taking_off_second_steps import take_off_second_step

        agent = Agent.objects.filter(email=options.address.strip().lower()).first()
        if agent is None:
            raise CommandFailed(f"nobody signs in by {options.address}")
        if options.without_second_step:
            take_off_second_step(agent, by=by)
        print(config().public_url.rstrip("/") + make_password_path(agent, by=by))
    return 0
