"""Live: telling other processes that the journal has grown. Hints only; the journal is the truth."""

from __future__ import annotations
