"""The demo: Maple Outdoors, four weeks of its history, and customers who keep writing.

A *story* is a matter as it may go, in one language; a *plot* is one telling of it by one person, with its times.
History is made by the same abilities and roads as everything else, only that the clock is set back.
It never touches a database that somebody has set up, and it is never part of a real one.
"""

from __future__ import annotations
