"""Text: words of any language made comparable, findable, and short enough to show.

`folding` makes spellings equal (case, width, Traditional and Simplified), `tokenizing` cuts a text
into findable tokens, `vectoring` and `querying` turn texts and questions into PostgreSQL literals,
`detecting` names the language, `highlighting` shows where a question hit, `truncating` makes
one-line previews. Pure functions: no database, no network, and no input makes them fail.
"""

from __future__ import annotations
