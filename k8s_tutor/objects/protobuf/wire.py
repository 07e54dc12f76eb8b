"""Protobuf's wire format: varints, lengths, tags, and stepping over fields nobody knows.

A place is an index into the data. Complaints are those of the decoders that Kubernetes generates, word for word.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

__all__ = [
    "BYTES",
    "FIXED64",
    "VARINT",
    "Data",
    "Malformed",
    "chunk",
    "double",
    "signed32",
    "signed64",
    "skip",
    "tag",
    "varint",
]

Data: TypeAlias = "memoryview[int]"

VARINT, FIXED64, BYTES, _GROUP, _END_GROUP, _FIXED32 = range(6)

_FIXED = {FIXED64: 8, _FIXED32: 4}
_LONGEST = 10  # bytes of a varint


class Malformed(ValueError):
    """Data that is no protobuf of the expected message; the message is the decoder's."""


def varint(data: Data, at: int) -> tuple[int, int]:
    """An unsigned number of 64 bits, and the place behind it.

    Raises:
        Malformed: it is too long, or ends too early.
    """
    value = 0
    for index in range(_LONGEST):
        if at >= len(data):
            raise Malformed("unexpected EOF")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise Malformed("proto: integer overflow")


def chunk(data: Data, at: int) -> tuple[Data, int]:
    """The bytes behind a length, and the place behind them.

    Raises:
        Malformed: there are not so many.
    """
    length, at = varint(data, at)
    end = at + length
    if end >> 63:
        raise Malformed("proto: negative length found during unmarshaling")
    if end > len(data):
        raise Malformed("unexpected EOF")
    return data[at:end], end


def double(data: Data, at: int) -> tuple[float, int]:
    """A number of eight bytes, and the place behind it.

    Raises:
        Malformed: the data ends before.
    """
    if at + 8 > len(data):
        raise Malformed("unexpected EOF")
    return struct.unpack_from("<d", data, at)[0], at + 8


def tag(message: str, data: Data, at: int) -> tuple[int, int, int]:
    """What comes next in a message: the field's number, its wire type, and the place behind the two.

    Args:
        message: Go's name of the message, for complaints.
        data: All of its bytes.
        at: Where a field begins.

    Raises:
        Malformed: none does.
    """
    value, at = varint(data, at)
    number, wire_type = signed32(value >> 3), value & 7
    if wire_type == _END_GROUP:
        raise Malformed(f"proto: {message}: wiretype end group for non-group")
    if number <= 0:
        raise Malformed(f"proto: {message}: illegal tag {number} (wire type {value})")
    return number, wire_type, at


def skip(data: Data, at: int) -> int:
    """The place behind the field that begins at one, groups with all they hold.

    Raises:
        Malformed: the field is none, or ends too early.
    """
    depth = 0
    while True:
        value, at = varint(data, at)
        wire_type = value & 7
        if wire_type == VARINT:
            _, at = varint(data, at)
        elif wire_type == BYTES:
            _, at = chunk(data, at)
        elif wire_type in _FIXED:
            at += _FIXED[wire_type]
        elif wire_type == _GROUP:
            depth += 1
        elif wire_type == _END_GROUP:
            depth -= 1
        else:
            raise Malformed(f"proto: illegal wireType {wire_type}")
        if depth < 0:
            raise Malformed("proto: unexpected end of group")
        if at > len(data):
            raise Malformed("unexpected EOF")
        if depth == 0:
            return at


def signed64(value: int) -> int:
    """The lowest 64 bits as Go's `int64`."""
    value &= 0xFFFFFFFFFFFFFFFF
    return value - (1 << 64) if value >> 63 else value


def signed32(value: int) -> int:
    """The lowest 32 bits as Go's `int32`."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value
