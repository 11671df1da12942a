"""Storage: files named by their content, so that storing twice is storing once.

A file is written before the rows that name it and is durable when `store_file` returns; a crash in between
leaves a file that nobody names, never a row without its file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage


def name_of(sha256: str) -> str:
    """Where a content of this hash lies, in two levels of folders."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def store_file(data: bytes, *, sha256: str = "") -> str:
    """Keep the bytes durably; returns their stored name. Raises OSError when they cannot be kept just now."""
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    name = name_of(sha256)
    if isinstance(default_storage, FileSystemStorage):
        _write_durably(Path(default_storage.path(name)), data)
    else:
        with _as_os_errors():
            if not default_storage.exists(name):
                default_storage.save(name, ContentFile(data))
    return name


def open_file(stored_name: str) -> BinaryIO:
    """Open kept bytes for reading; raises FileNotFoundError, OSError when they cannot be had just now."""
    with _as_os_errors():
        return cast(BinaryIO, default_storage.open(stored_name, "rb"))


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """A storage that is away must look like a disk that is: waited for, and nobody's mail parked.

    The libraries of remote storages raise errors of their own, which share no class with ours.
    """
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"storage: {type(error).__name__}: {error}"[:500]) from error


def delete_file(stored_name: str) -> None:
    """Take kept bytes away; those that are gone already are gone. Raises OSError."""
    with _as_os_errors():
        default_storage.delete(stored_name)


def is_full(error: BaseException | None) -> bool:
    """Whether a file could not be kept for want of room; that passes when somebody makes some."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _write_durably(path: Path, data: bytes) -> None:
    if path.exists() and path.stat().st_size == len(data):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
