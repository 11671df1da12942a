"""Passing: which faults of the database pass by themselves, and which come back with the same values."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

#: The class of errors about limits of PostgreSQL, such as a value that no index row can hold.
_LIMITS = "54"


def is_passing(error: BaseException) -> bool:
    """Whether the same statement may succeed later: the database is away, busy or without space.

    False for what it will refuse again, though it comes as the same exception.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not (getattr(error.__cause__, "sqlstate", None) or "").startswith(_LIMITS)
