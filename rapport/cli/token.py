"""Make, list and revoke keys of the API. A key's text is shown once, when it is made."""

from __future__ import annotations

import argparse

from rapport.cli.failing import CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words and options of `rapport token`."""
    words = parser.add_subparsers(dest="word", required=True)
    make = words.add_parser("create", help="make a key and print it")
    make.add_argument("--agent", required=True, metavar="EMAIL", help="whose sight it has")
    make.add_argument("--name", required=True, help="what it is for")
    make.add_argument(
        "--scope", action="append", default=[], help="what it may do; give it once for each"
    )
    make.add_argument("--days", type=int, help="days until it ends (default: never)")
    words.add_parser("list", help="list the keys that stand")
    revoke = words.add_parser("revoke", help="end a key")
    revoke.add_argument("id", type=int)


def run(options: argparse.Namespace) -> int:
    """Do what the word says."""
    from rapport.cli.grounding import django_at_hand

    with django_at_hand():
        if options.word == "create":
            print(_create(options))
        elif options.word == "list":
            _list()
        else:
            _revoke(options.id)
    return 0


def _create(options: argparse.Namespace) -> str:
    from datetime import timedelta

    from rapport.accounts.granting_tokens import SCOPES, grant_token
    from rapport.accounts.models import Agent
    from rapport.kernel import clock
    from rapport.kernel.actors import Actor

    agent = Agent.objects.filter(email__iexact=options.agent).first()
    if agent is None:
        raise CommandFailed(f"there is no agent {options.agent}")
    unknown = sorted(set(options.scope) - set(SCOPES))
    if unknown or not options.scope:
        fault = f"no scope {', '.join(unknown)}" if unknown else "no scope given"
        raise CommandFailed(f"{fault}; choose from {', '.join(SCOPES)}", code=2)
    ends = clock.now() + timedelta(days=options.days) if options.days else None
    _, secret = grant_token(
        agent,
        by=Actor.system("command line"),
        name=options.name,
        scopes=options.scope,
        expires_at=ends,
    )
    return secret


def _list() -> None:
    from rapport.accounts.models import ApiToken

    for token in ApiToken.objects.filter(ended_at=None).select_related("agent").order_by("id"):
        used = f"{token.used_at:%Y-%m-%d}" if token.used_at else "never used"
        print(f"{token.pk}\t{token.agent.email}\t{token.name}\t{' '.join(token.scopes)}\t{used}")


def _revoke(number: int) -> None:
    from rapport.accounts.granting_tokens import revoke_token
    from rapport.accounts.models import ApiToken
    from rapport.kernel.actors import Actor

    token = ApiToken.objects.filter(pk=number).first()
    if token is None:
        raise CommandFailed(f"there is no key {number}")
    revoke_token(token, by=Actor.system("command line"))
    print(f"The key {token.name} has ended.")
