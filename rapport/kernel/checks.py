"""Checks: each looks at one part that Rapport stands on, and names the fix where it fails.

A check says what it found in one line; it never raises, and it ends within a few seconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from rapport.kernel import clock
from rapport.kernel.config import Config, config
from rapport.kernel.live.names import BELL

Verdict = Literal["ok", "look", "failed"]
MEGABYTE = 1_000_000
#: Free space below which we warn, and below which we call it broken.
LOW_DISK, NO_DISK = 2_000 * MEGABYTE, 200 * MEGABYTE
PATIENCE = 3.0
#: The names of the checks that a page shows; it translates them.
SHOWN = (gettext_noop("database"), gettext_noop("disk"), gettext_noop("clock"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `fix` says what to do about it."""

    name: str
    verdict: Verdict
    words: str
    fix: str = ""


Check = Callable[[], Iterator[Finding]]


def check_all(checks: list[Check]) -> Iterator[Finding]:
    """Run checks one after the other; one that falls is a finding itself."""
    for check in checks:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            yield from check()
        except Exception as fault:
            words = " ".join(str(fault).split())[:300]
            yield Finding(name, "failed", f"{type(fault).__name__}: {words}", _fix_for(fault))


def check_database() -> Iterator[Finding]:
    """It answers, it is new enough, and it speaks UTF-8."""
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, version()")
        number, version = cursor.fetchone()
        took = (time.perf_counter() - began) * 1000
        cursor.execute("SHOW server_encoding")
        encoding = cursor.fetchone()[0]
    told = {"version": " ".join(version.split()[:2]), "took": f"{took:.0f}"}
    words = _("%(version)s, answered in %(took)s ms") % told
    if number < 150000:
        yield Finding("database", "failed", words, _("use PostgreSQL 15 or newer"))
    elif encoding != "UTF8":
        words = _("its encoding is %(encoding)s") % {"encoding": encoding}
        yield Finding("database", "failed", words, _("create it with UTF8"))
    else:
        yield Finding("database", "ok", words)


def check_clock() -> Iterator[Finding]:
    """This machine and the database agree on the time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    apart = abs((theirs - clock.now()).total_seconds())
    if apart > 2:
        fix = _("let both machines follow a time server (timedatectl set-ntp true)")
        words = _("%(apart)s s apart from the database's") % {"apart": f"{apart:.1f}"}
        yield Finding("clock", "failed", words, fix)
    else:
        words = _("%(apart)s ms apart from the database's") % {"apart": f"{apart * 1000:.0f}"}
        yield Finding("clock", "ok", words)


def check_disk() -> Iterator[Finding]:
    """The data folder takes and keeps bytes, and has room."""
    home = config().home_path
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=home, prefix=".check-") as file:
        file.write(b"x" * 65536)
        file.flush()
        os.fsync(file.fileno())
    free = shutil.disk_usage(home).free
    words = _("%(free)s GB free in %(home)s") % {"free": f"{free / 1e9:.1f}", "home": home}
    verdict: Verdict = "failed" if free < NO_DISK else "look" if free < LOW_DISK else "ok"
    yield Finding("disk", verdict, words, "" if verdict == "ok" else _("free some space"))


def check_files() -> Iterator[Finding]:
    """What is stored can be read again."""
    from django.core.files.storage import default_storage

    from rapport.kernel.storage import open_file, store_file

    content = b"Rapport looks whether files are kept.\n"
    name = store_file(content)
    with open_file(name) as file:
        is_same = hashlib.sha256(file.read()).digest() == hashlib.sha256(content).digest()
    default_storage.delete(name)
    where = f"S3 bucket {config().s3_bucket}" if config().s3_bucket else str(config().files_path)
    if is_same:
        yield Finding("files", "ok", f"written and read in {where}")
    else:
        yield Finding("files", "failed", f"{where} gave other bytes back", "check the storage")


def check_bus() -> Iterator[Finding]:
    """A bell that is rung is heard."""
    began = time.perf_counter()
    heard = _hear_redis(config()) if config().redis_url else _hear_postgres()
    took = (time.perf_counter() - began) * 1000
    name = "Redis" if config().redis_url else "PostgreSQL"
    if heard:
        yield Finding("bus", "ok", f"{name}: rung and heard in {took:.0f} ms")
    else:
        fix = "without it everything still works, a few seconds late; check REDIS_URL or the pooler"
        yield Finding("bus", "failed", f"{name}: rung and not heard (no session pooling?)", fix)


def check_followers() -> Iterator[Finding]:
    """Whoever reads the journal keeps up, and nothing was set aside."""
    from rapport.kernel.journal.following import FOLLOWERS, read_after
    from rapport.kernel.journal.models import Cursor, Stumble
    from rapport.kernel.journal.positions import START

    cursors = {cursor.name: cursor for cursor in Cursor.objects.all()}
    late = []
    for name in sorted(FOLLOWERS):
        cursor = cursors.get(name)
        waiting = read_after(cursor.position if cursor else START, limit=1)
        if waiting and clock.now() - waiting[0].recorded_at > timedelta(seconds=30):
            late.append(f"{name} since {waiting[0].recorded_at:%Y-%m-%d %H:%M}")
        if cursor and cursor.error and cursor.failures:
            late.append(f"{name} stumbles: {cursor.error[:120]}")
    if late:
        yield Finding("followers", "failed", "; ".join(late), "is `rapport work` running?")
    else:
        yield Finding("followers", "ok", f"{len(FOLLOWERS)} up to date")
    if aside := Stumble.objects.count():
        fix = "see the log for `follower stumbled`, then rebuild that follower"
        yield Finding("followers", "look", f"{aside} entries were set aside", fix)


def _hear_postgres() -> bool:
    import psycopg
    from django.db import connection

    with psycopg.connect(config().database_url, autocommit=True, connect_timeout=5) as listener:
        listener.execute(f"LISTEN {BELL}")
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {BELL}")
        return any(True for _ in listener.notifies(timeout=PATIENCE, stop_after=1))


def _hear_redis(settings: Config) -> bool:
    import redis

    client = redis.Redis.from_url(settings.redis_url, socket_timeout=PATIENCE)
    with client.pubsub() as listener:  # type: ignore[no-untyped-call]
        listener.subscribe(BELL)
        listener.get_message(timeout=PATIENCE)
        client.publish(BELL, b"")
        return listener.get_message(timeout=PATIENCE) is not None


def _fix_for(fault: Exception) -> str:
    if isinstance(fault, OSError):
        return _("give this user the right to write in RAPPORT_HOME, or free some space")
    if type(fault).__module__.startswith("redis."):
        return "check REDIS_URL, its password, and that Redis runs; pages are late without it"
    if type(fault).__name__ in ("OperationalError", "InterfaceError"):
        return _("check DATABASE_URL and that the server runs")
    if type(fault).__name__ == "ProgrammingError":
        return _("run `rapport migrate`")
    return _("see the words; they come from the part itself")
