"""Running coroutines where a browser's driver may keep a loop of its own running in this thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(story: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in a thread of its own; raises what the coroutine raises."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, story).result()
