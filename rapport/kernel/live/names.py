"""The names of the bus's channels."""

from __future__ import annotations

#: The bell: no payload, "the journal or the post has grown".
BELL = "rapport"
#: Whispers: ephemeral news (typing, looking), small JSON.
WHISPERS = "rapport_whispers"
