"""Reading protocol buffers, the format of ONNX files, without their library: numbers of fields, and what they hold."""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = int | bytes
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST_VARINT = 10


def read_fields(data: memoryview) -> Iterator[tuple[int, Value | memoryview]]:
    """The fields of a message in order: (number of the field, whole number, or bytes of a text or inner message).

    Source of the format: https://protobuf.dev/programming-guides/encoding

    Raises:
        ValueError: if it is no such message.
    """
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _varint(data, place)
            yield number, value
        else:
            length, place = _length(data, place, kind)
            if place + length > len(data):
                raise ValueError("a field is longer than its message")
            yield number, data[place : place + length]
            place += length


def read_wholes(value: Value | memoryview) -> list[int]:
    """Whole numbers of a field, which may be packed together.

    Raises:
        ValueError: if it holds none.
    """
    if isinstance(value, int):
        return [_signed(value)]
    found, place, data = list[int](), 0, memoryview(value)
    while place < len(data):
        number, place = _varint(data, place)
        found.append(_signed(number))
    return found


def read_float(value: Value | memoryview) -> float:
    """A number of four bytes.

    Raises:
        ValueError: if it is none.
    """
    if isinstance(value, int) or len(value) != struct.calcsize("<f"):
        raise ValueError("it is no number of four bytes")
    return float(struct.unpack("<f", value)[0])


def _length(data: memoryview, place: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(data, place)
    if kind not in (_EIGHT, _FOUR):
        raise ValueError(f"there is no kind {kind} of fields")
    return (8 if kind == _EIGHT else 4), place


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for count in range(_LONGEST_VARINT):
        if place + count >= len(data):
            break
        byte = data[place + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, place + count + 1
    raise ValueError("a number does not end")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
