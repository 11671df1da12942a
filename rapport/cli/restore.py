"""Bring a backup back, on an empty machine or, with --force, over what is there.

Everything is checked before anything is changed. Stopped half-way, the same command goes on.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `rapport restore`."""
    parser.add_argument("file", type=Path, help="a file that `rapport backup` has written")
    parser.add_argument("--check", action="store_true", help="only look whether the file is whole")
    parser.add_argument("--force", action="store_true", help="replace what the database holds now")


def run(options: argparse.Namespace) -> int:
    """Restore; the database is changed as a whole or not at all."""
    from rapport.cli.grounding import database_at_hand
    from rapport.cli.progressing import ProgressLine
    from rapport.cli.restoring import check_backup, restore_backup
    from rapport.kernel.config import load_config

    progress = ProgressLine()
    if options.check:
        manifest = check_backup(options.file, on_progress=progress)
        progress.end()
        print(f"{options.file} is whole: {manifest.files} files, made by {manifest.version}")
        return 0
    with database_at_hand() as url:
        manifest = restore_backup(
            url,
            options.file,
            home=load_config(os.environ).home_path,
            force=options.force,
            on_progress=progress,
        )
    progress.end()
    rows = sum(manifest.counts.values())
    print(f"Restored {rows} rows and {manifest.files} files. Start Rapport with `rapport up`.")
    return 0
