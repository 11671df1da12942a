"""The inbox: where agents read and answer.

Words: a *shelf* is a list of conversations of one kind (mine, unassigned …); a *row* is a conversation in it;
a *timeline* is what was said and done in one; a *bubble* is a message in it; *panes* are what the desk shows
side by side. It asks abilities to change things and never changes a row itself.
"""

from __future__ import annotations
