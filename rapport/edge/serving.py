"""Serving: the edge behind uvicorn, with the loop and the parser that were measured."""

from __future__ import annotations

import uvicorn

from rapport.edge.application import Edge
from rapport.kernel import logs
from rapport.kernel.config import config

#: Seconds that requests under way have to end when the process must.
GRACE_SECONDS = 20


def serve(host: str, port: int, with_web: bool) -> None:
    """Serve until SIGINT or SIGTERM; with_web: Django too, in threads of this process."""
    settings = config()
    logs.set_up_logs(form=settings.log_format, level=settings.log_level)
    edge = Edge(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            edge,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=settings.behind_proxy,
            forwarded_allow_ips="*" if settings.behind_proxy else None,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=30,
        )
    )
    server.run()
