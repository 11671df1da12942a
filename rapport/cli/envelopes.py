"""See what arrived, as it arrived, and replay what could not be read or placed.

A parked envelope keeps its error and its raw bytes; replaying it after a fix takes the same road again.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rapport.cli.failing import CommandFailed

if TYPE_CHECKING:
    from rapport.channels.models import Envelope


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words and options of `rapport envelopes`."""
    parser.add_argument("--parked", action="store_true", help="only those that need somebody")
    parser.add_argument("--limit", type=int, default=50, help="how many to list (default 50)")
    words = parser.add_subparsers(dest="word")
    show = words.add_parser("show", help="tell everything about one")
    show.add_argument("id", type=int)
    raw = words.add_parser("raw", help="write its bytes to standard output")
    raw.add_argument("id", type=int)
    replay = words.add_parser("replay", help="let it take the road again")
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("id", type=int, nargs="?")
    which.add_argument("--all", action="store_true", help="every parked one")


def run(options: argparse.Namespace) -> int:
    """Do what the word says; without one, list the newest first."""
    from rapport.cli.grounding import django_at_hand

    with django_at_hand():
        if options.word == "show":
            _show(_envelope(options.id))
        elif options.word == "raw":
            sys.stdout.buffer.write(bytes(_envelope(options.id).raw))
            sys.stdout.buffer.flush()
        elif options.word == "replay":
            _replay(options)
        else:
            _list(parked=options.parked, limit=options.limit)
    return 0


def _list(*, parked: bool, limit: int) -> None:
    from rapport.channels.explaining import explain
    from rapport.channels.models import Envelope

    found = Envelope.objects.select_related("channel").defer("raw").order_by("-id")
    if parked:
        found = found.filter(state="parked")
    rows = list(found[:limit])
    for envelope in rows:
        when = f"{envelope.received_at:%Y-%m-%d %H:%M:%S}"
        error = explain(envelope.error).splitlines()[0][:100] if envelope.error else ""
        name = envelope.channel.name
        print(f"{envelope.pk}\t{envelope.state}\t{when}\t{name}\t{envelope.door}\t{error}")
    if not rows:
        print("Nothing is parked." if parked else "Nothing has arrived yet.", file=sys.stderr)


def _show(envelope: Envelope) -> None:
    from rapport.channels.explaining import explain

    for name, value in (
        ("id", envelope.pk),
        ("channel", f"{envelope.channel.name} ({envelope.channel.kind})"),
        ("door", envelope.door),
        ("event", envelope.event_id),
        ("state", envelope.state),
        ("received", envelope.received_at.isoformat()),
        ("done", envelope.done_at.isoformat() if envelope.done_at else "-"),
        ("attempts", envelope.attempts),
        ("request", envelope.request_id or "-"),
        ("message", envelope.message_id or "-"),
        ("bytes", len(envelope.raw)),
        ("error", explain(envelope.error) or "-"),
    ):
        print(f"{name:<9} {value}")


def _replay(options: argparse.Namespace) -> None:
    from rapport.channels.models import Envelope
    from rapport.channels.replaying import replay_envelope
    from rapport.cli.progressing import ProgressLine
    from rapport.kernel.actors import Actor

    by = Actor.system("command line")
    if not options.all:
        replay_envelope(_envelope(options.id), by=by)
        print(f"Envelope {options.id} waits for a worker again.")
        return
    progress, done = ProgressLine(), 0
    parked = Envelope.objects.filter(state="parked").defer("raw").order_by("id")
    total = parked.count()
    for envelope in parked.iterator(chunk_size=200):
        replay_envelope(envelope, by=by)
        done += 1
        progress("replaying", done, total)
    progress.end()
    print(f"{done} envelopes wait for a worker again.")


def _envelope(number: int) -> Envelope:
    from rapport.channels.models import Envelope

    found = Envelope.objects.select_related("channel").filter(pk=number).first()
    if found is None:
        raise CommandFailed(f"there is no envelope {number}")
    return found
