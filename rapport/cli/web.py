"""Serve the pages alone, behind a balancer that sends /live and /hooks to `rapport edge`.

Put several of them behind a balancer: none keeps a state that another needs.
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `rapport web`."""
    parser.add_argument("--host", help="the address to serve on (default: RAPPORT_HOST)")
    parser.add_argument("--port", type=int, help="the port to serve on (default: RAPPORT_PORT)")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    from rapport.cli.grounding import django_at_hand
    from rapport.kernel import logs
    from rapport.kernel.config import config

    with django_at_hand():
        import uvicorn

        from rapport.edge.serving import mount_web
        from rapport.edge.timing import TimedConnection
        from rapport.kernel.settling import settle_threads

        settle_threads()
        settings = config()
        logs.set_up_logs(form=settings.log_format, level=settings.log_level)
        uvicorn.run(
            mount_web(settings),
            host=options.host or settings.host,
            port=settings.port if options.port is None else options.port,
            loop="uvloop",
            http=TimedConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=settings.behind_proxy,
            timeout_graceful_shutdown=20,
        )
    return 0
