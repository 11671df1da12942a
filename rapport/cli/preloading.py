"""Preloading: the whole program in one process, from which those of `rapport up` are forked.

Whoever is forked shares these pages of memory and starts at once. So this process has one thread, no
connection and no event loop: a fork takes none of them along whole.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

#: What the settings do not name, but the forked would import first.
PROGRAM = (
    "asyncio.runners",
    "procrastinate.contrib.django.apps",
    "rapport.channels.email.polling",
    "rapport.channels.working",
    "rapport.cli.demonstrating.keeping",
    "rapport.cli.edge",
    "rapport.cli.migrating",
    "rapport.cli.preparing",
    "rapport.cli.work",
    "rapport.edge.mounting",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
)


def preload_program() -> None:
    """Import everything, resolve all addresses, read all templates; raises what the settings raise."""
    gc.disable()  # children that look for garbage would take copies of every page
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    import django

    django.setup()
    for name in PROGRAM:
        import_module(name)
    from django.urls import get_resolver

    from rapport.edge.serving import load_pages

    load_pages()
    _resolve(get_resolver().url_patterns)
    _read_templates()
    gc.freeze()


def _resolve(patterns: Iterable[Any]) -> None:
    """Import what is routed below these addresses."""
    for pattern in patterns:
        _resolve(getattr(pattern, "url_patterns", ()))


def _read_templates() -> None:
    from django.conf import settings
    from django.template import engines

    engine: Any = engines["django"]
    folders: Any = settings.TEMPLATES[0]["DIRS"]
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.html")):
            engine.get_template(path.relative_to(folder).as_posix())
