"""The edge: the plain ASGI front of Rapport, for what must be fast or stay open.

Words: an *arrival* is one event that a channel's door cut out of a request; a *flush* stores all arrivals
that came while the last flush ran, in one commit; a *stream* is a topic of live news; a *ticket* says which
streams a page may hear; a *whisper* is news that nobody keeps (typing, looking).
It knows no conversation and no customer, renders nothing, and never answers before a commit.
"""

from __future__ import annotations
