"""Settings: what the company, its people and its channels are set to; each page asks one ability.

Words: *profile* is what everybody may set about themselves; all else is for admins. A *secret* is shown
once, right after it was made, and never again.
"""

from __future__ import annotations
