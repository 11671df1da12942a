"""Paging: lists are cut by the last row's sort key, so that page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet

from rapport.web.api.problems import Problem

DEFAULT, MOST = 50, 200


def cut_page(
    rows: QuerySet[Any],
    *,
    by: tuple[str, ...],
    cursor: str | None,
    limit: int,
    shape: Callable[[Any], Any],
    newest_first: bool = True,
) -> dict[str, Any]:
    """One page `{"items": […], "next": cursor or None}` ordered by the unique key `by`.

    Raises Problem 400 for a cursor that we did not make.
    """
    order = [f"-{field}" if newest_first else field for field in by]
    ordered = rows.order_by(*order)
    if cursor:
        has_time = isinstance(rows.model._meta.get_field(by[0]), DateTimeField)
        values = open_cursor(cursor, len(by), begins_with_time=has_time)
        ordered = ordered.filter(_behind(by, values, newest_first))
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    items = found[:limit]
    last = [getattr(items[-1], field) for field in by] if more else None
    return {"items": [shape(row) for row in items], "next": seal_cursor(last) if last else None}


def _behind(by: tuple[str, ...], values: list[Any], newest_first: bool) -> Q:
    """(a, b) < (x, y), or > where the oldest come first."""
    sign = "lt" if newest_first else "gt"
    condition = Q()
    # The index is entered at a <= x: of the alternatives alone PostgreSQL makes a filter.
    entered = Q(**{f"{by[0]}__{sign}e": values[0]})
    for index, field in enumerate(by):
        same = Q(**dict(zip(by[:index], values[:index], strict=True)))
        condition |= same & Q(**{f"{field}__{sign}": values[index]})
    return entered & condition


def seal_cursor(values: list[Any]) -> str:
    """A sort key as the text that a caller gives back."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def open_cursor(cursor: str, count: int, *, begins_with_time: bool = False) -> list[Any]:
    """The sort key of `count` values in a cursor of ours; raises Problem 400 for any other."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(raw)
        opened = [datetime.fromisoformat(v) if isinstance(v, str) else int(v) for v in values]
        shapes = [isinstance(value, datetime) for value in opened]
        if shapes != [begins_with_time] + [False] * (count - 1):
            raise ValueError(cursor)
        if not all(_fits(value) for value in opened):
            raise ValueError(cursor)
    except (ValueError, TypeError, OverflowError):
        raise Problem(400, "bad_cursor", "This cursor is none of ours.") from None
    return opened


def _fits(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return bool(0 <= value < 2**63)
