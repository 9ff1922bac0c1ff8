"""Reading safetensors without their library: a header in JSON, then the numbers."""

from __future__ import annotations

import json

_LONGEST_HEADER = 16 * 2**20
_LENGTH = 8

Plain = tuple[str, tuple[int, ...], bytes]


def read_plain(data: bytes) -> dict[str, Plain]:
    """The tensors of a safetensors file by name: type ("F16", "F32", "I64"), shape and bytes.

    Raises:
        ValueError: if it is no such file.
    """
    length = int.from_bytes(data[:_LENGTH], "little")
    if not 2 <= length <= min(_LONGEST_HEADER, len(data) - _LENGTH):
        raise ValueError("it holds no safetensors")
    start = _LENGTH + length
    header = json.loads(data[_LENGTH:start])
    found = {}
    for name, one in header.items():
        if name != "__metadata__":
            first, last = one["data_offsets"]
            found[name] = (str(one["dtype"]), tuple(one["shape"]), data[start + first : start + last])
    return found
