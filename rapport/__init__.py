"""Rapport: a self-hosted platform on which a company talks with its customers."""

from __future__ import annotations

__version__ = "0.1.0"
