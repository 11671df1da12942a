"""The command line: everything an operator does with Rapport, one module per command."""

from __future__ import annotations
