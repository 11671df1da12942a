"""Sign-in: the door of the house. django-allauth does the work; here are its words, its look and its limits.

Words: the *door* is every page in front of the house; the *second step* is a code or a key after the
password; the *set-up* is the first visit, opened by a link; *joining* is an invitation that is followed.
"""

from __future__ import annotations
