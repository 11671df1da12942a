"""Positions: an entry's place in line, comparable and printable."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """The order of commits: era, then transaction, then row.

    Row ids alone are given out before commit, so a slow commit would be skipped by whoever remembers the
    highest id seen. Transaction numbers start anew in another cluster; the era grows then.
    """

    era: int
    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.era}.{self.xid}.{self.id}"

    @classmethod
    def parse(cls, token: str) -> Position:
        """Read a printed position; raises ValueError for anything else."""
        era, xid, number = token.split(".")
        position = cls(int(era), int(xid), int(number))
        if min(position) < 0 or max(position) >= 2**63:
            raise ValueError(token)
        return position


START = Position(0, 0, 0)
#: An entry is shown once every older transaction has ended, so that none can appear behind a cursor.
SETTLED = """(era < (SELECT max(era) FROM journal_entry)
              OR xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"""
