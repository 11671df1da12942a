"""The embedded PostgreSQL, and what any PostgreSQL that serves Rapport needs besides SQL.

Words: *home* is the data folder of Rapport, *folder* the part of it that the embedded server owns,
*programs* are the binaries out of a wheel, *account* is the service account used when root starts us.
Needs the standard library only (psycopg lazily), so that the supervising process stays small.
Never does: open a TCP port, touch a folder that it did not make, widen the rights of a parent folder.
"""

from __future__ import annotations
