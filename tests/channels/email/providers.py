"""A provider's token server for tests: it refreshes tokens (RFC 6749) and tells which are active (RFC 7662)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Provider:
    """What it has granted; `is_away` answers 503, an empty `grant` is revoked."""

    def __init__(self) -> None:
        self.grant, self.client = "refresh-me", ("rapport", "hush")
        self.active: set[str] = set()
        self.made = 0
        self.is_away = False
        self.url = ""

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/introspect":
            is_active = form.get("token", "") in self.active
            return 200, {"active": is_active, "username": "desk"} if is_active else {
                "active": False
            }
        if self.is_away:
            return 503, {"error": "temporarily_unavailable"}
        if form.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            return 401, {"error": "invalid_client"}
        if not self.grant or form.get("refresh_token") != self.grant:
            return 400, {"error": "invalid_grant", "error_description": "Token has been revoked."}
        self.made += 1
        token = f"token-{self.made}"
        self.active.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    @property
    def secrets(self) -> dict[str, str]:
        return {
            "refresh_token": self.grant,
            "client_id": self.client[0],
            "client_secret": self.client[1],
            "token_url": f"{self.url}/token",
        }


@contextmanager
def running_provider() -> Iterator[Provider]:
    """The server on a free port for the length of the block."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, answer = provider.answer(self.path, form)
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
