"""Copying: many rows into a table at once, by PostgreSQL's COPY.

Measured on arrivals: COPY of 200 rows costs a fifth of the ORM's bulk insert, whose time goes into
preparing and quoting each value in Python.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
from django.db import connection, models

Prepare = Callable[[Any], Any]


def copy_rows(rows: Sequence[Any], *, model: type[models.Model]) -> None:
    """Write rows of one model: its instances, or anything with the same attributes (a slim dataclass).

    Columns that the rows have no attribute for are left to the database. Rows must all have their id, or
    none. Raises what an INSERT would raise (IntegrityError and its like).
    """
    if not rows:
        return
    meta = model._meta
    fields = [field for field in meta.concrete_fields if _is_given(field, rows[0])]
    names = [field.attname for field in fields]
    prepare = {i: _json for i, field in enumerate(fields) if isinstance(field, models.JSONField)}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cast(Any, cursor).cursor
        with raw.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                values = [getattr(row, name) for name in names]
                for index, prepared in prepare.items():
                    values[index] = prepared(values[index])
                copy.write_row(values)


def copy_values(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The same for rows that are plain values, JSON already as text."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cast(Any, cursor).cursor
        with raw.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def update_rows(
    rows: Sequence[models.Model], names: Sequence[str], *, casts: dict[str, str]
) -> None:
    """Update the named columns of saved rows in one statement; `casts` gives each column's SQL type."""
    if not rows:
        return
    meta = rows[0]._meta
    given = [{"id": row.pk, **{name: _plain(getattr(row, name)) for name in names}} for row in rows]
    setting = ", ".join(f'"{name}" = new."{name}"' for name in names)
    shape = ", ".join(f'"{name}" {casts[name]}' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{meta.db_table}" old SET {setting} '  # noqa: S608  (names are the code's own)
            f"FROM jsonb_to_recordset(%s::jsonb) AS new (id bigint, {shape}) WHERE old.id = new.id",
            [json.dumps(given)],
        )


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Take ids out of a table's sequence, so that rows can refer to each other before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _is_given(field: models.Field[Any, Any], row: Any) -> bool:
    value = getattr(row, field.attname, models.expressions.DatabaseDefault)
    if field.primary_key and value is None:
        return False
    return value is not models.expressions.DatabaseDefault and not isinstance(
        value, models.expressions.DatabaseDefault
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
