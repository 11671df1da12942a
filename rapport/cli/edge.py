"""Serve live streams and the intake of messages; with --with-web the pages too, in one process.

Put several of them behind a balancer: none keeps a state that another needs.
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport edge`."""
    parser.add_argument("--host", help="the address to serve on (default: RAPPORT_HOST)")
    parser.add_argument("--port", type=int, help="the port to serve on (default: RAPPORT_PORT)")
    parser.add_argument("--with-web", action="store_true", help="serve the pages too")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    from rapport.cli.grounding import database_at_hand
    from rapport.kernel.config import config

    with database_at_hand():
        from rapport.edge.serving import serve

        host = options.host or config().host
        serve(host, config().port if options.port is None else options.port, options.with_web)
    return 0
