"""Compiles the translations (.po → .mo) with polib, so that no machine needs GNU gettext.

Run by hand or by `bin/up` as a script, and by the wheel's build as a hook.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib

ROOT = Path(__file__).resolve().parent.parent


def compile_catalogs(root: Path = ROOT) -> list[Path]:
    """Write a .mo beside every .po that is newer than it; returns the files that were written."""
    written = []
    for source in sorted(root.glob("rapport/**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            written.append(target)
    return written


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, outside a build
    pass
else:

    class CatalogHook(BuildHookInterface):
        """Puts the compiled catalogues into the wheel, although git does not hold them."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            compile_catalogs(Path(self.root))
            build_data["artifacts"].append("rapport/**/*.mo")


if __name__ == "__main__":
    compile_catalogs()
