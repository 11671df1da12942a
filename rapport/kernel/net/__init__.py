"""Net: the one way out to addresses that people typed in.

Every call has time-outs and a cap on what is read, follows no redirect, carries nothing of the environment,
and goes to an address that was looked at first: nothing inside the operator's own network unless it is
allowed by name.
"""

from __future__ import annotations
