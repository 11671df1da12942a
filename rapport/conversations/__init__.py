"""Conversations: the heart. What a customer and we say to each other about one matter.

Words: a *conversation* is open, snoozed, solved, spam or merged away; *messages* come in, go out or are notes
for us; facts (a solution, a snooze, an assignment) say who did what and when. Each ability is a module.
It never knows how a message travels: channels listen to its news.
"""

from __future__ import annotations
