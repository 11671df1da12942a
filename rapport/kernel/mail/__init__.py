"""Mail: bytes in, plain frozen dataclasses out, and back. No database, no network, no clock.

Words: a *part* is one leaf of the MIME tree; the *text* of a mail is what its writer typed anew,
the *quoted* rest is folded and never thrown away; a *held* image is one that would be fetched from
afar. `parsing.parse_mail` reads, `identifying.mail_key` names a mail at the door without reading it
whole, `composing.compose_mail` writes. Nothing here decides what a mail means for a conversation.
"""

from __future__ import annotations
