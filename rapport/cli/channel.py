"""List, add and check channels; take in one mail from a mail server's pipe.

`rapport channel receive email < mail` ends with 0 once the mail is durable and with 75 if it could not be
stored, as mail servers expect: they keep it and try again.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rapport.cli.failing import TRY_LATER, CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words and options of `rapport channel`."""
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("list", help="list the channels")
    add = words.add_parser("add", help="add a channel").add_subparsers(dest="kind", required=True)
    mail = add.add_parser("email", help="a mailbox")
    mail.add_argument("--address", required=True, help="the address that customers write to")
    mail.add_argument("--name", help="how it is called here (default: the address)")
    mail.add_argument("--imap", metavar="URL", help="imaps://user@host, or imap:// for STARTTLS")
    mail.add_argument("--smtp", metavar="URL", help="smtps://user@host, or smtp:// for STARTTLS")
    mail.add_argument(
        "--checked-by",
        metavar="SERVER",
        help="the server whose Authentication-Results are believed (default: the provider's, if known)",
    )
    mail.add_argument("--password-file", type=Path, help="holds the password (default: asks)")
    hook = add.add_parser("webhook", help="signed requests of your own programs")
    hook.add_argument("--name", required=True, help="how it is called here")
    take = words.add_parser("receive", help="take in one mail from standard input")
    take.add_argument("kind", choices=["email"])
    take.add_argument("--to", default="", help="the mailbox, where there are several")
    check = words.add_parser("check", help="try the connections of one channel, or of all")
    check.add_argument("id", type=int, nargs="?")


def code_of_faults(options: argparse.Namespace) -> int | None:
    """A mail that could not be kept must stay with the mail server, whatever the reason."""
    return TRY_LATER if options.word == "receive" else None


def code_of_mistakes(words: list[str]) -> int | None:
    """So must one that is brought by a line of its configuration that we do not understand."""
    return TRY_LATER if "receive" in words[:1] else None


def run(options: argparse.Namespace) -> int:
    """Do what the word says."""
    from rapport.cli.grounding import database_at_hand, django_at_hand

    if options.word == "receive":
        from rapport.cli.receiving_mail import receive_mail
        from rapport.kernel.config import config

        with database_at_hand() as url:
            limit = config().max_mail_bytes
            receive_mail(url, sys.stdin.buffer, to=options.to, limit=limit)
        return 0
    with django_at_hand():
        if options.word == "list":
            return _list()
        if options.word == "check":
            return _check(options.id)
        return _add(options)


def _list() -> int:
    from rapport.channels.models import Channel

    for channel in Channel.objects.order_by("id"):
        what = channel.address or str(channel.public_id)
        print(f"{channel.pk}\t{channel.kind}\t{channel.state}\t{channel.name}\t{what}")
    return 0


def _check(number: int | None) -> int:
    from rapport.channels.models import Channel
    from rapport.cli.checking import check_channel, tell

    channels = list(Channel.objects.filter(**({"pk": number} if number else {})).order_by("id"))
    if number and not channels:
        raise CommandFailed(f"there is no channel {number}")
    results = [tell(finding) for channel in channels for finding in check_channel(channel)]
    return 0 if all(results) else 1


def _add(options: argparse.Namespace) -> int:
    from rapport.channels.adding import AddressTaken, add_channel, make_signing_secret
    from rapport.kernel.actors import Actor
    from rapport.kernel.config import config

    by = Actor.system("command line")
    base = config().public_url.rstrip("/")
    if options.kind == "email":
        settings, secrets = _mail_settings(options)
        name = options.name or options.address
        try:
            channel = add_channel(
                "email", by=by, name=name, address=options.address, config=settings, secrets=secrets
            )
        except AddressTaken as fault:
            raise CommandFailed(str(fault)) from None
        print(f"Added as {channel.pk}. Raw mail may also be posted to:")
        print(f"{base}/hooks/email/{channel.hook_secret}")
        return 0
    secret = make_signing_secret()
    kept = {"signing": [{"secret": secret, "until": None}]}
    channel = add_channel("webhook", by=by, name=options.name, secrets=kept)
    told = {"url": f"{base}/hooks/webhook/{channel.public_id}", "secret": secret}
    print(json.dumps(told, indent=1))
    return 0


def _mail_settings(options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    from rapport.channels.email.setting_up import guess_checker

    settings: dict[str, Any] = {}
    for side, tls in (("imap", "imaps"), ("smtp", "smtps")):
        url = getattr(options, side)
        if not url:
            continue
        parts = urlsplit(url)
        if parts.scheme not in (side, tls) or not parts.hostname:
            raise CommandFailed(f"--{side}: give {tls}://user@host[:port]", code=2)
        if parts.password:
            raise CommandFailed(
                f"--{side}: leave the password out, it would be seen by every user of this "
                "machine; it is asked for, or read from --password-file",
                code=2,
            )
        settings |= {
            f"{side}_host": parts.hostname,
            f"{side}_port": parts.port or 0,
            f"{side}_user": unquote(parts.username or ""),
            f"{side}_security": "tls" if parts.scheme == tls else "starttls",
        }
    secrets = {"password": _password(options)} if settings else {}
    checker = options.checked_by or guess_checker(settings.get("imap_host", ""))
    return settings | ({"authserv_id": checker} if checker else {}), secrets


def _password(options: argparse.Namespace) -> str:
    if options.password_file:
        return str(options.password_file.read_text(encoding="utf-8").strip())
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass(f"Password of {options.address}: ")
