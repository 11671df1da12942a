"""Write everything into one file, while Rapport runs: database, files and the secret key.

The file opens every mailbox that is connected: keep it as safe as the desk itself. Stopped half-way it
leaves no file; `rapport restore --check FILE` tells whether a file is whole.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `rapport backup`."""
    parser.add_argument("file", type=Path, help="the file to write, such as desk.tar")
    parser.add_argument(
        "--without-files", action="store_true", help="leave out the files (they are on S3, say)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file of this name")


def run(options: argparse.Namespace) -> int:
    """Back up; the file is whole or is not there."""
    from rapport.cli.backing_up import back_up
    from rapport.cli.grounding import database_at_hand
    from rapport.cli.progressing import ProgressLine
    from rapport.kernel.config import config

    progress = ProgressLine()
    with database_at_hand() as url:
        manifest = back_up(
            url,
            options.file,
            home=config().home_path,
            with_files=not options.without_files,
            overwrite=options.overwrite,
            on_progress=progress,
        )
    progress.end()
    print(f"{options.file}: {sum(manifest.counts.values())} rows, {manifest.files} files")
    return 0
