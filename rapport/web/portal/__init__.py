"""The portal: what customers open without an account.

So far the files that are lent to them. It shows nothing to anybody who has no proof in the address.
"""

from __future__ import annotations
