"""Tell of the Python that runs this: what it is; or with `--time` how long the same few lines take in it.

Prints `<path>|<major>|<minor>|<has pip>|<is a plain release>`, or seconds of CPU. Fails where it is too old.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import time
from importlib.util import find_spec


def work() -> int:
    """Dictionaries, texts and calls: what a server does all day."""
    words, length = {}, 0
    for number in range(20000):
        words[number % 500] = word = f"{number}x"
        length += len(word.replace("1", "_").split("_"))
    return length


def time_work() -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if sys.version_info < (3, 11) or not find_spec("venv"):
    sys.exit(1)
if "--time" in sys.argv:
    print(min(time_work() for _ in range(4)))
else:
    has_pip = find_spec("ensurepip") is not None
    is_plain = sys.version_info.releaselevel == "final"
    is_plain = is_plain and not sysconfig.get_config_var("Py_GIL_DISABLED")
    print(os.path.realpath(sys.executable), *sys.version_info[:2], has_pip, is_plain, sep="|")
