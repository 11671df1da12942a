"""The command line: everything an operator does with Rapport.

One module per word of the command `rapport`; each has `add_arguments(parser)` and `run(options)`, which
returns the exit code (None is 0). Nothing heavy is imported before `run`, so that help answers at once.
"""

from __future__ import annotations
