"""The kit: what every surface shares, and nothing that knows a conversation.

Words: a *fragment* is a template that owns its DOM id; an *answer* is fragments for htmx and a redirect for
everybody else; *verbs* name what a resource can be asked; a *page* of rows ends in a key, not in a number.
"""

from __future__ import annotations
