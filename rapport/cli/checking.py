"""Checking: what the doctor looks at beyond the kernel's parts: tables, jobs, post and mailboxes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from rapport.channels.explaining import explain
from rapport.cli.migrating import missing_migrations
from rapport.kernel import clock
from rapport.kernel.checks import Check, Finding, check_all

if TYPE_CHECKING:
    from rapport.channels.models import Channel

MARKS = {"ok": "ok    ", "look": "look  ", "failed": "FAILED"}
#: What to do when a step of connecting a mailbox fails, by the first words of its name.
MENDING = (
    ("Reach", "check host, port and security (TLS or STARTTLS) in the settings of the channel"),
    ("Sign in", "check user and password; a provider with a second step wants an app password"),
    ("Open", "check the name of the folder in the settings of the channel"),
    ("", "mend it in the settings of the channel"),
)


def tell(finding: Finding) -> bool:
    """Print one line, and the fix below it; returns False for a failure."""
    print(f"{MARKS[finding.verdict]}  {finding.name:<12} {finding.words}", flush=True)
    if finding.fix and finding.verdict != "ok":
        print(f"{'':<8}{'':<12} → {finding.fix}", flush=True)
    sys.stdout.flush()
    return finding.verdict != "failed"


def tell_all(checks: list[Check]) -> bool:
    """Run checks and print what they find as they find it; True when nothing failed."""
    told = [tell(finding) for finding in check_all(checks)]
    return all(told)


def check_migrations() -> Iterator[Finding]:
    """The tables are of this version."""
    missing = missing_migrations()
    if missing:
        words = f"{len(missing)} missing, the first is {missing[0]}"
        yield Finding("migrations", "failed", words, "run `rapport migrate`")
    else:
        yield Finding("migrations", "ok", "the database is of this version")


def check_jobs() -> Iterator[Finding]:
    """Somebody takes jobs, and none has failed for good."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FILTER (WHERE status = 'todo'
                          AND coalesce(scheduled_at, 'epoch') < now() - interval '2 minutes'),
                      count(*) FILTER (WHERE status = 'failed'),
                      count(*) FILTER (WHERE status = 'doing')
               FROM procrastinate_jobs"""
        )
        overdue, failed, doing = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - interval '1 minute'"
        )
        (workers,) = cursor.fetchone()
    words = f"{workers} workers, {doing} under way, {overdue} overdue"
    if overdue and not workers:
        yield Finding("jobs", "failed", words, "start `rapport work`")
    elif overdue:
        yield Finding("jobs", "look", words, "start one more `rapport work`")
    else:
        yield Finding("jobs", "ok", words)
    if failed:
        yield Finding("jobs", "look", f"{failed} have failed for good", "see the log of the worker")


def check_envelopes() -> Iterator[Finding]:
    """What arrived is taken in, and nothing is parked."""
    from rapport.channels.models import Envelope

    oldest = Envelope.objects.filter(state="waiting").defer("raw").order_by("id").first()
    if oldest and clock.now() - oldest.received_at > timedelta(minutes=1):
        since = f"{oldest.received_at:%Y-%m-%d %H:%M}"
        yield Finding("envelopes", "failed", f"waiting since {since}", "start `rapport work`")
    else:
        yield Finding("envelopes", "ok", "nothing waits")
    if parked := Envelope.objects.filter(state="parked").count():
        fix = "see `rapport envelopes --parked`, mend the cause, then replay"
        yield Finding("envelopes", "look", f"{parked} parked", fix)


def check_mail() -> Iterator[Finding]:
    """Every mailbox lets us in, and takes what we send."""
    from rapport.channels.models import Channel

    channels = list(Channel.objects.exclude(state="paused").order_by("id"))
    if not channels:
        yield Finding("mail", "ok", "no channel is set up yet")
    for channel in channels:
        yield from check_channel(channel)


def check_channel(channel: Channel) -> Iterator[Finding]:
    """The connections of one channel; a kind without any has nothing to fail."""
    name = f"{channel.kind} {channel.pk}"
    if channel.error:
        fix = "mend it in the settings of the channel"
        yield Finding(name, "failed", f"{channel.name}: {explain(channel.error)[:200]}", fix)
    if channel.kind != "email" or not find_spec("rapport.channels.email.reaching"):
        yield Finding(name, "ok", f"{channel.name}: nothing to connect to")
        return
    yield from _check_mailbox(channel, name)


def _check_mailbox(channel: Channel, name: str) -> Iterator[Finding]:
    """Each step of both connections, up to the first that fails on each side."""
    from rapport.channels.email.setting_up import check_credentials
    from rapport.channels.email.signing_in import SignInLater, SignInLost, secrets_of
    from rapport.kernel.secrets import SecretUnreadable

    if not channel.config.get("imap_host") and not channel.config.get("smtp_host"):
        words = f"{channel.address}: neither reads nor sends by itself"
        yield Finding(name, "look", words, "give it IMAP and SMTP in its settings")
        return
    try:
        secrets = secrets_of(channel)
    except (SecretUnreadable, SignInLost, SignInLater) as fault:
        words = f"{channel.address}: its password or token: {explain(str(fault))}"
        yield Finding(name, "failed", words, "enter it again in the settings of the channel")
        return
    for step in check_credentials(channel.config, secrets):
        words = ": ".join(part for part in (channel.address, step.name, step.words) if part)
        fix = "" if step.is_ok else next(fix for word, fix in MENDING if step.name.startswith(word))
        yield Finding(name, "ok" if step.is_ok else "failed", words, fix)
