"""Packing: columns of a batch as PostgreSQL's binary arrays.

One pass over plain bytes: psycopg's own lists ask for each item's type again and choose the array's
type by its values, which would prepare the same statement many times.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_HEAD = struct.Struct("!iiIii")
_SIZE = struct.Struct("!i")
_INT8 = struct.Struct("!iq")


class Packed(bytes):
    """An array ready to be sent; the class says of what."""

    item_oid = 0
    array_oid = 0


class TextArray(Packed):
    """text[]"""

    item_oid, array_oid = 25, 1009


class BytesArray(Packed):
    """bytea[]"""

    item_oid, array_oid = 17, 1001


class NumberArray(Packed):
    """bigint[]"""

    item_oid, array_oid = 20, 1016


def pack_texts(texts: Sequence[str]) -> TextArray:
    """text[]; raises UnicodeEncodeError for lone surrogates."""
    return TextArray(_pack(TextArray.item_oid, [text.encode() for text in texts]))


def pack_bytes(items: Sequence[bytes]) -> BytesArray:
    """bytea[]"""
    return BytesArray(_pack(BytesArray.item_oid, items))


def pack_numbers(numbers: Sequence[int]) -> NumberArray:
    """bigint[]; raises struct.error beyond 64 bits."""
    head = _HEAD.pack(1, 0, NumberArray.item_oid, len(numbers), 1)
    return NumberArray(head + b"".join([_INT8.pack(8, number) for number in numbers]))


def register(adapters: AdaptersMap) -> None:
    """Teach a connection (`connection.adapters`) to send packed arrays."""
    for dumper in (_TextDumper, _BytesDumper, _NumberDumper):
        adapters.register_dumper(dumper.packs, dumper)


def _pack(oid: int, items: Sequence[bytes]) -> bytes:
    parts = [_HEAD.pack(1, 0, oid, len(items), 1)]
    for item in items:
        parts.append(_SIZE.pack(len(item)))
        parts.append(item)
    return b"".join(parts)


class _PackedDumper(Dumper):
    format = Format.BINARY
    packs: type[Packed] = Packed

    def dump(self, obj: Packed) -> bytes:
        return obj


class _TextDumper(_PackedDumper):
    packs, oid = TextArray, TextArray.array_oid


class _BytesDumper(_PackedDumper):
    packs, oid = BytesArray, BytesArray.array_oid


class _NumberDumper(_PackedDumper):
    packs, oid = NumberArray, NumberArray.array_oid
