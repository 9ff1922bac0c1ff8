"""The state of a training on disk: one safetensors file, complete or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from batterycell.errors import OutputError
from batterycell.output import replace_file

_BLOCK = "batterycell"


def save_tensors(path: Path, tensors: dict[str, Any], values: dict[str, Any]) -> None:
    """Write tensors, with values of JSON's types in the file's header; an older file is replaced when all is on disk.

    Raises:
        OutputError: if it cannot be written; the older file is as it was.
    """
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    try:
        replace_file(path, lambda partial: _write(partial, plain, values))
    except OutputError as error:
        message = f"The training's state cannot be kept: {error.message}"
        raise OutputError(
            error.code, message, "Make room and start it again: it goes on from the last state."
        ) from error


def load_tensors(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `save_tensors` wrote: tensors on the CPU, and values."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()[_BLOCK])  # noqa: SIM118


def read_values(path: Path) -> dict[str, Any]:
    """The values alone of what `save_tensors` wrote, from the file's header; needs no packages."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    values: dict[str, Any] = json.loads(header["__metadata__"][_BLOCK])
    return values


def _write(path: Path, tensors: dict[str, Any], values: dict[str, Any]) -> None:
    """In the first place the bytes, then the disk: a name must never stand for what a power cut takes away."""
    from safetensors.torch import save

    data = save(tensors, {_BLOCK: json.dumps(values)})
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
