"""Start everything on this machine, and stop it all with Ctrl-C.

Starts the embedded PostgreSQL (unless DATABASE_URL names a server), brings the database to this version,
fills it with a demo company if it is empty, and serves. On Linux the program is imported once, while
PostgreSQL starts, and all its processes are forked from that one. Without the demo the first visit is the set-up,
opened by the one-time link that is printed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rapport.cli.failing import CommandFailed
from rapport.cli.forking import MAY_FORK, Forking
from rapport.cli.supervising import Family, Stopped, keep_desk
from rapport.kernel.announcing import announced, local_address, seen_host
from rapport.kernel.config import Config, load_config

if TYPE_CHECKING:
    from rapport.kernel.pg.supervising import EmbeddedServer

#: Seconds to wait for a port that a process of ours is just giving free, and for the first answer.
PORT_PATIENCE, READY_PATIENCE = 4.0, 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport up`."""
    parser.add_argument(
        "--port", type=int, help="the port to serve on (default 8000; 0: a free one)"
    )
    parser.add_argument("--host", help="the address to serve on (default 127.0.0.1)")
    parser.add_argument("--no-demo", action="store_true", help="begin with an empty desk")
    parser.add_argument("--nursery", type=int, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; returns 0 after an orderly end."""
    if options.nursery is not None:
        from rapport.cli.nursing import run_nursery

        return run_nursery(options.nursery)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = settle(options)
    forking = Forking()
    family = Family(forking.launch) if MAY_FORK else Family()
    with ExitStack() as closing, family.hearing_signals():
        try:
            server = None if settings.database_url else _embedded(settings, closing)
            if MAY_FORK:
                closing.callback(forking.end)
                forking.begin()
            if server:
                server.wait_ready()
            told = _prepare(family, demo=not options.no_demo)
            closing.callback(family.stop)
            _start(family, settings, with_customers="demo" in told and not options.no_demo)
            _await_answer(family, settings)
            closing.enter_context(announced(settings.home_path, settings.public_url))
            _tell(settings, told)
            family.watch()
        except Stopped as stopped:
            if str(stopped):
                raise CommandFailed(f"{stopped}; its words are above") from None
            print("\nStopping …", flush=True)
    print("Stopped.", flush=True)
    return 0


def _start(family: Family, settings: Config, *, with_customers: bool) -> None:
    if with_customers:
        # The demo's shop is a process of this machine, where channels may not call otherwise.
        os.environ.setdefault("RAPPORT_NET_ALLOW", "127.0.0.1")
    keep_desk(family, edges=settings.edges, workers=settings.workers)
    if with_customers:
        family.keep("customers", "demo", "--live")


def settle(options: argparse.Namespace) -> Config:
    """Read the settings, with the options over them, and hand them to our children by environment."""
    if options.host:
        os.environ["RAPPORT_HOST"] = options.host
    if options.port is not None:
        os.environ["RAPPORT_PORT"] = str(options.port)
    settings = load_config(os.environ)
    port = _free_port(settings.host, settings.port)
    os.environ["RAPPORT_PORT"] = str(port)
    os.environ["RAPPORT_HOME"] = str(settings.home_path)
    if "RAPPORT_PUBLIC_URL" not in os.environ and "RAPPORT_PUBLIC_URL_FILE" not in os.environ:
        os.environ["RAPPORT_PUBLIC_URL"] = local_address(settings.host, port)
    return load_config(os.environ)


def _free_port(host: str, port: int) -> int:
    """The port, after a look that it is free; raises CommandFailed."""
    deadline = time.monotonic() + PORT_PATIENCE
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((host, port))
                return int(attempt.getsockname()[1])
            except OSError as fault:
                if time.monotonic() > deadline:
                    raise CommandFailed(
                        f"cannot serve on {host}:{port} ({fault.strerror}); "
                        "give another one with --port, or --port 0 for a free one"
                    ) from None
        time.sleep(0.2)


def _embedded(settings: Config, closing: ExitStack) -> EmbeddedServer:
    """A server of our own that is about to be ready; everybody finds its address in the environment."""
    from rapport.kernel.pg.supervising import EmbeddedServer

    server = EmbeddedServer(settings.home_path)
    closing.callback(server.stop)
    os.environ["DATABASE_URL"] = server.begin()
    return server


def _prepare(family: Family, *, demo: bool) -> dict[str, str]:
    """Let a child bring the database to this version and fill it; returns how to sign in."""
    arguments = ["migrate", "--prepare", *(["--demo"] if demo else [])]
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as words:
        child = family.launch("prepare", arguments, stdout=writing)
        os.close(writing)
        try:
            while child.poll() is None:
                family.watch(until=time.monotonic() + 0.02)
        except Stopped:
            child.send_signal(signal.SIGINT)
            child.wait()
            raise
        if code := child.poll():
            raise CommandFailed(
                "the database could not be prepared; its words are above", code=code
            )
        told: dict[str, str] = json.loads(words.read().splitlines()[-1])
    return told


def _await_answer(family: Family, settings: Config) -> None:
    """Wait until the edge answers; whoever falls meanwhile is started again."""
    deadline = time.monotonic() + READY_PATIENCE
    while not _answers(seen_host(settings.host).strip("[]"), settings.port):
        if time.monotonic() > deadline:
            print("rapport: still no answer from the edge; see its words above", file=sys.stderr)
            return
        family.watch(until=time.monotonic() + 0.05)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=5) as knock:
            knock.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in knock.recv(64)
    except OSError:
        return False


def _tell(settings: Config, told: dict[str, str]) -> None:
    """The one block that an operator needs."""
    lines = ["", "Rapport is running.", "", f"  Address    {settings.public_url}"]
    local = local_address(settings.host, settings.port)
    if urlsplit(settings.public_url).netloc != urlsplit(local).netloc:
        lines.append(f"  Here       {local}")
    if "setup_path" in told:
        lines.append(f"  Set it up  {settings.public_url.rstrip('/')}{told['setup_path']}")
        lines.append("             (this link works once)")
    elif "email" in told:
        lines += [f"  Sign in    {told['email']}", f"  Password   {told['password']}"]
    else:
        lines.append("  Sign in    with your own account")
    lines += ["", f"  Data in {settings.home_path}. Stop with Ctrl-C.", ""]
    print("\n".join(lines), flush=True)
