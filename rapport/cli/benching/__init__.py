"""Benching: reproducible measurements, each beside its own limit taken in the same run."""

from __future__ import annotations
