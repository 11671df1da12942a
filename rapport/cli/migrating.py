"""Migrating: the tables of this version, marked so that the next start knows without a look at each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

Tell = Callable[[str], None]
PACKAGE = Path(__file__).resolve().parents[1]
#: Others whose tables stand beside ours.
OTHERS = ("django", "django-allauth", "procrastinate")


def mark_of_version() -> str:
    """A mark that changes with every migration of ours and every version of the others."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.glob("**/migrations/0*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    for name in OTHERS:
        digest.update(f"{name} {metadata.version(name)}".encode())
    return f"rapport {digest.hexdigest()[:20]}"


def is_current(connection: Any) -> bool:
    """Whether the database was brought to this version, here; any connection with a `cursor()` will do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('django_migrations'), 'pg_class')")
        row = cursor.fetchone()
        return bool(row) and row[0] == f"{mark_of_version()} {_cluster_of(cursor)}"


def _cluster_of(cursor: Any) -> str:
    """Names the cluster: a database that was copied into another one must be looked at again."""
    cursor.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
    if not cursor.fetchone()[0]:
        return "unknown"
    cursor.execute("SELECT system_identifier FROM pg_control_system()")
    return str(cursor.fetchone()[0])


def missing_migrations() -> list[str]:
    """The migrations that the database lacks, as app.name; needs Django."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate_database(*, tell: Tell) -> None:
    """Run what is missing, one process at a time, and mark the database; needs Django."""
    from django.core.management import call_command
    from django.db import connection

    from rapport.cli.telling_steps import ToldMigration
    from rapport.kernel.journal.eras import heal_era

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('rapport migrate', 0))")
    try:
        missing = missing_migrations()
        if missing:
            tell(f"Bringing the database to this version ({len(missing)} steps) …")
            call_command(ToldMigration(len(missing)), verbosity=0, interactive=False)
        heal_era(connection)
        with connection.cursor() as cursor:
            mark = f"{mark_of_version()} {_cluster_of(cursor)}"
            cursor.execute(f"COMMENT ON TABLE django_migrations IS '{mark}'")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended('rapport migrate', 0))")
    tell("The database is of this version.")
