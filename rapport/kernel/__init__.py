"""The kernel: everything that has no word of the domain.

Configuration, the clock, ids, the journal, live news, the embedded database, the one way out to the
network, mail as bytes, text as language. Rooms stand on it; it imports no room and knows none.
"""

from __future__ import annotations
