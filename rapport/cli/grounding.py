"""Grounding: what a command stands on: the settings, a database that answers, Django."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def database_at_hand() -> Iterator[str]:
    """The address of the database, for the length of the block.

    DATABASE_URL, else the embedded server: the one that runs already, or one of our own that ends with
    the block. Processes that are started meanwhile find it too. Raises ConfigError or PgError.
    """
    from rapport.kernel.config import config, load_config

    settings = load_config(os.environ)
    if settings.database_url:
        yield settings.database_url
        return
    from rapport.kernel.pg.reaching import reach_server

    with reach_server(settings.home_path) as url:
        os.environ["DATABASE_URL"] = url
        config.cache_clear()
        try:
            yield url
        finally:
            del os.environ["DATABASE_URL"]
            config.cache_clear()


@contextmanager
def django_at_hand() -> Iterator[None]:
    """Django, set up on that database; its connections are closed before the database goes."""
    with database_at_hand():
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        import django
        from django.db import connections

        django.setup()
        try:
            yield
        finally:
            connections.close_all()
