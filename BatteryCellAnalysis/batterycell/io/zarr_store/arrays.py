"""One Zarr array: what its metadata say, and whether it may be opened. A foreign store is data, never code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

from .documents import damaged, read_document

# Codecs that turn bytes into bytes, or numbers into numbers. Others may make objects (pickle), or are unknown to all.
_CODECS = {
    *("blosc", "zlib", "gzip", "zstd", "lz4", "lzma", "bz2"),
    *("shuffle", "delta", "bytes", "endian", "transpose", "sharding_indexed"),
    *("crc32", "crc32c", "adler32", "fletcher32"),
}
_TYPES = ("bool", *(f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)))


@dataclass(frozen=True)
class ArrayMeta:
    """What the metadata of an array say.

    Args:
        path: Its folder.
        shape: Voxels along each axis.
        chunks: Voxels of a file along each axis (of a shard, where chunks are packed into shards).
        dtype: Of its values.
        prefix: What the name of every chunk begins with.
        separator: What stands between the numbers of a chunk.
        fill: The value of voxels in chunks that are not there.
        version: Of Zarr's format, 2 or 3.
    """

    path: Path
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    prefix: str = ""
    separator: str = "."
    fill: float = 0.0
    version: int = 2

    @property
    def names(self) -> Iterator[str]:
        """The names of all its chunks."""
        counts = [-(-n // size) for n, size in zip(self.shape, self.chunks, strict=True)]
        return map(self.name, product(*map(range, counts)))

    def name(self, place: tuple[int, ...]) -> str:
        """The name of a chunk, by its number along each axis."""
        return self.prefix + self.separator.join(map(str, place))


def read_array(folder: Path) -> ArrayMeta:
    """Read the metadata of an array.

    Args:
        folder: The array's folder.

    Raises:
        InputError: if there is none, it is damaged, holds no numbers, or is packed in a way that is not data alone.
    """
    old, new = read_document(folder / ".zarray"), read_document(folder / "zarr.json")
    try:
        if old is not None:
            return _checked(_version_2(folder, old))
        if new is not None and new.get("node_type") == "array":
            return _checked(_version_3(folder, new))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(folder, f"its metadata lack or misstate {error}") from error
    raise damaged(folder, "the metadata of an array are missing")


def open_array(meta: ArrayMeta) -> Any:
    """The array, through the package zarr.

    Raises:
        InputError: if the package is missing, or cannot open it.
    """
    zarr = need_zarr()
    if meta.version > int(zarr.__version__.split(".")[0]):
        message = f"{meta.path} is of Zarr's version 3, which the installed zarr {zarr.__version__} does not read."
        raise InputError("zarr-old", message, "Use Python 3.11 or later and zarr 3.")
    try:
        return zarr.open_array(str(meta.path), mode="r")
    except Exception as error:  # zarr raises what its codecs and stores raise
        raise damaged(meta.path, f"{error}"[:200]) from error


def read_block(array: Any, where: tuple[int | slice, ...], meta: ArrayMeta) -> NDArray[Any]:
    """Some voxels of an open array.

    Raises:
        InputError: if a chunk is damaged.
    """
    try:
        return np.asarray(array[where])
    except MemoryError:
        raise
    except Exception as error:  # what codecs raise on damaged data is not listed anywhere
        message = f"{meta.path}: the chunk {_damaged_chunk(array, where, meta)} is damaged"
        raise InputError("chunk-damaged", f"{message} ({f'{error}'[:120]}).", "Copy the store again.") from error


def _damaged_chunk(array: Any, where: tuple[int | slice, ...], meta: ArrayMeta) -> str:
    """The name of the first chunk that cannot be unpacked, of those that some voxels lie in."""
    spans = [(one.start, one.stop) if isinstance(one, slice) else (one, one + 1) for one in where]
    rows = [range(start // size, -(-stop // size)) for (start, stop), size in zip(spans, meta.chunks, strict=True)]
    return next((meta.name(place) for place in product(*rows) if not _unpacks(array, place, meta)), "somewhere")


def _unpacks(array: Any, place: tuple[int, ...], meta: ArrayMeta) -> bool:
    try:
        array[tuple(slice(number * size, (number + 1) * size) for number, size in zip(place, meta.chunks, strict=True))]
    except Exception:  # noqa: BLE001 - as above
        return False
    return True


def need_zarr() -> Any:
    """The package zarr.

    Raises:
        InputError: if it is missing.
    """
    try:
        import zarr
    except ImportError as error:
        raise InputError(
            "zarr-missing", "OME-Zarr needs the package zarr.", "pip install 'batterycell[big]'."
        ) from error
    return zarr


def _version_2(folder: Path, values: dict[str, Any]) -> ArrayMeta:
    if not isinstance(values["dtype"], str):
        raise _no_numbers(folder, "records")
    dtype = np.dtype(values["dtype"])
    if dtype.kind not in "buif":
        raise _no_numbers(folder, f"{dtype}")
    _check_codecs(folder, [values.get("compressor"), *(values.get("filters") or [])])
    separator = values.get("dimension_separator", ".")
    return ArrayMeta(folder, tuple(values["shape"]), tuple(values["chunks"]), dtype, "", separator,
                     _number(values.get("fill_value")))  # fmt: skip


def _version_3(folder: Path, values: dict[str, Any]) -> ArrayMeta:
    kind, grid, keys = values["data_type"], values["chunk_grid"], values["chunk_key_encoding"]
    if kind not in _TYPES:
        raise _no_numbers(folder, f"{kind}")
    if grid["name"] != "regular" or values.get("storage_transformers"):
        raise InputError("store-unknown", f"{folder} lies in a way that is not known.", "Write it in regular chunks.")
    _check_codecs(folder, values["codecs"])
    plain = keys["name"] == "v2"
    separator = (keys.get("configuration") or {}).get("separator", "." if plain else "/")
    return ArrayMeta(folder, tuple(values["shape"]), tuple(grid["configuration"]["chunk_shape"]), np.dtype(kind),
                     "" if plain else f"c{separator}", separator, _number(values.get("fill_value")), 3)  # fmt: skip


def _check_codecs(folder: Path, codecs: list[Any]) -> None:
    """Refuse codecs that are not known to give numbers only."""
    for codec in filter(None, codecs):
        name = f"{codec.get('id') or codec.get('name')}".removeprefix("numcodecs.")
        if name not in _CODECS:
            message = f"{folder} is packed with {name[:40]}, which is not opened from a file of unknown origin."
            raise InputError("store-codec", message, "Write it with blosc, zstd, gzip or none.")
        inner = codec.get("configuration") or {}
        _check_codecs(folder, [*inner.get("codecs", []), *inner.get("index_codecs", [])])


def _checked(meta: ArrayMeta) -> ArrayMeta:
    sides = (*meta.shape, *meta.chunks)
    if len(meta.shape) != len(meta.chunks) or not all(isinstance(n, int) and n > 0 for n in sides):
        raise damaged(meta.path, f"it states the shape {list(meta.shape)} in chunks of {list(meta.chunks)}")
    if meta.separator not in ("/", "."):
        raise damaged(meta.path, "it names its chunks in a way that is not known")
    return meta


def _number(value: Any) -> float:
    return float(value) if value is not None else 0.0


def _no_numbers(folder: Path, what: str) -> InputError:
    return InputError("voxel-type", f"{folder} holds {what[:60]}, not grey values.", "Export it as grey values.")
