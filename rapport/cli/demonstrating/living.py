"""Living: simulated customers write, read what agents answer, and answer in character.

A small process of its own, without Django: it brings raw mails to the mail hook and signed messages to the shop's
hook over HTTP, as any other system does, and is the mail server and the shop to which answers go.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress

from rapport.cli.demonstrating.acting import Troupe
from rapport.cli.demonstrating.catching import open_callback, open_mail_server
from rapport.cli.demonstrating.keeping import Keepsake, kept
from rapport.cli.demonstrating.posting import Doors
from rapport.cli.failing import CommandFailed
from rapport.kernel.config import config

log = logging.getLogger("rapport.demo")
#: Seconds between two looks whether whoever started us is still there.
PARENT_SECONDS = 30.0


def live() -> int:
    """Be the customers until SIGTERM, or until the process that started us is gone."""
    keepsake = kept()
    if keepsake is None:
        raise CommandFailed("there is no demo in this data folder")
    host = "127.0.0.1" if config().host in ("0.0.0.0", "::", "") else config().host  # noqa: S104
    doors = Doors(host, config().port, keepsake)
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_live(keepsake, doors))
    return 0


async def _live(keepsake: Keepsake, doors: Doors) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    troupe = Troupe(doors)
    smtp = await open_mail_server(troupe.hear_mail, port=keepsake.smtp_port)
    shop = await open_callback(
        troupe.hear_shop, port=keepsake.callback_port, secret=keepsake.shop_secret
    )
    ports = tuple(int(one.sockets[0].getsockname()[1]) for one in (smtp, shop))
    if ports != (keepsake.smtp_port, keepsake.callback_port):
        await asyncio.to_thread(_tell_ports, *ports)
    playing = asyncio.create_task(troupe.play())
    watching = asyncio.create_task(_watch_parent(stop))
    await stop.wait()
    for task in (playing, watching):
        task.cancel()
    smtp.close()
    shop.close()
    troupe.leave()


async def _watch_parent(stop: asyncio.Event) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)
    stop.set()


def _tell_ports(smtp_port: int, callback_port: int) -> None:
    """Somebody else has our ports: have the demo's channels send to those that we got."""
    command = [sys.executable, "-m", "rapport", "demo", "--ports", f"{smtp_port},{callback_port}"]
    subprocess.run(command, check=False)
