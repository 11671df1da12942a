"""Customers: the people who write to us, and how we recognise them.

Words: a *customer* is a person; an *identity* is one way to reach them (a mail address, a phone number) that
belongs to one customer only; an *organisation* is where they work. Nobody is joined with anybody without proof.
It never knows a conversation.
"""

from __future__ import annotations
