"""Watching a browser: what no page may do, whatever a test is about.

A violation of the content security policy, a fault of a script, an error on the console, a request to a foreign
host: each fails the test in whose browser it happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

OWN_HOSTS = {"127.0.0.1", "localhost"}
#: Run in every document before its own scripts; where scripts are refused, Chromium's console tells the same.
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) => console.error(
    "content policy", event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber));"""
#: What the console says of an answer that a test wanted so: a refusal, a cut line.
ANSWERED = "Failed to load resource"
#: What htmx says of a request that a later one took the place of.
GIVEN_UP = "AbortError: signal is aborted"


@dataclass
class Watched:
    """A browser whose contexts are all watched; `faults` is what they did that no page may do."""

    chromium: Any
    faults: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def new_context(self, **options: Any) -> Any:
        """A fresh visitor."""
        context = self.chromium.new_context(**options)
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", lambda fault: self.faults.append(f"script: {fault.error}"))
        context.on("request", self._see)
        self.contexts.append(context)
        return context

    def shut(self) -> None:
        """Close every window: an open one goes on asking, through all tests that follow."""
        while self.contexts:
            self.contexts.pop().close()

    def _hear(self, line: Any) -> None:
        is_wanted = line.text.startswith(ANSWERED) or GIVEN_UP in line.text
        if line.type == "error" and not is_wanted:
            self.faults.append(f"console: {line.text}")

    def _see(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in OWN_HOSTS:
            self.faults.append(f"request: {request.url}")
