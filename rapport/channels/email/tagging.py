"""Tagging: the signs that we put into addresses, Message-IDs and headers of ours, and know again."""

from __future__ import annotations

import functools

from rapport.kernel.secrets import derive_key


@functools.cache
def thread_secret() -> bytes:
    """What signs the reply addresses and Message-IDs of this deployment."""
    return derive_key("mail threads")


@functools.cache
def loop_marker() -> str:
    """What stands in the loop header of every mail that we send; it says nothing to others."""
    return derive_key("mail loops").hex()[:24]
