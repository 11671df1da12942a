"""Attaching: files that came with a message are kept under the hash of their content."""

from __future__ import annotations

from collections.abc import Sequence

from rapport.conversations.inbound import InboundFile
from rapport.conversations.keeping_files import keep_content
from rapport.conversations.models import Attachment


def file_rows(message_id: int, files: Sequence[InboundFile]) -> list[Attachment]:
    """Store the bytes durably and build the rows that name them, unsaved, in the transaction that will save them.

    A file that was refused keeps its name, size and reason. Raises OSError when the disk is full: nothing is
    written then, and the arrival stays where it is.
    """
    return [
        Attachment(
            message_id=message_id,
            name=file.name,
            content_type=file.content_type[:200],
            size=file.size,
            sha256=file.sha256,
            stored_name="" if file.data is None else keep_content(file.data, sha256=file.sha256),
            content_id=file.content_id,
            is_inline=file.is_inline,
            refused=file.refused,
        )
        for file in files
    ]
