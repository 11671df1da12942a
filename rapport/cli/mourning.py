"""Mourning: where the kernel tells no child of its parent's death (macOS), it looks whether it has another.

python -m rapport.cli.mourning PARENT_PID COMMAND [ARGUMENT…]      run the command until the parent ends
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

#: Seconds between two looks.
LOOK_SECONDS = 0.5


def end_with(parent: int) -> None:
    """Ask this process to end, as an operator would, once `parent` is no longer its parent."""
    threading.Thread(target=_watch, args=[parent], name="mourning", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from rapport.cli.commands import run

    end_with(int(sys.argv[1]))
    run(sys.argv[2:])
