"""Failing: a command that cannot do its work says so in one line and ends with a code."""

from __future__ import annotations

FAILED = 1
#: What mail servers understand as "keep it and try again" (sysexits.h).
TRY_LATER = 75
#: A setting is wrong (sysexits.h).
WRONG_SETTING = 78


class CommandFailed(Exception):
    """The message is for the operator: what failed, and the fix."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
