"""Racing: two real connections do a thing at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections


def race(*runners: Callable[[], Any]) -> list[Any]:
    """Run them at once, each on a connection of its own; what one returns or raises stands in its place."""
    start = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=10)
            return runner()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))
