"""What a person can say about an image that does not say it itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Size = tuple[float, float, float]
Span = tuple[int, int]
Region = tuple[Span, Span, Span]


@dataclass(frozen=True)
class RawShape:
    """How the voxels lie in a file without a header.

    Args:
        shape: Slices, rows, columns.
        dtype: NumPy's name of the voxel type, e.g. ``"uint16"``.
        offset: Bytes before the first voxel.
        big_endian: Whether the most significant byte comes first.
    """

    shape: tuple[int, int, int]
    dtype: str = "uint16"
    offset: int = 0
    big_endian: bool = False


@dataclass(frozen=True)
class LoadOptions:
    """What the user says about the image; it wins over what the file says.

    Args:
        voxel_size_um: Voxel size (z, y, x) in µm.
        raw: How the voxels lie in a file without a header.
        step: Voxels along each axis of which a preview makes one, their mean; 1 for the image itself.
        needs_voxel_size: Whether an image of which nobody says the voxel size is refused; else it gets 1 mm along the
            axes that nobody knows, and says so.
        single: Whether one slice is enough: it becomes a volume of one slice.
        scratch: A ``.npy`` file to hold the voxels, where the format allows, instead of memory; None for memory.
        region: First voxel and the one after the last along z, y and x, of a region at full resolution; None for all.
        fill_missing: Whether chunks that a store lacks hold nothing but its fill value; else it is refused.
    """

    voxel_size_um: Size | None = None
    raw: RawShape | None = None
    step: int = 1
    needs_voxel_size: bool = True
    single: bool = False
    scratch: Path | None = None
    region: Region | None = None
    fill_missing: bool = False

    def to_json(self) -> dict[str, Any]:
        """What is known of the image, in JSON's types."""
        return {**asdict(self), "scratch": None}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> LoadOptions:
        """The options of which `to_json` came back with lists in place of tuples."""
        size, raw, region = values.get("voxel_size_um"), values.get("raw"), values.get("region")
        described = RawShape(**{**raw, "shape": tuple(raw["shape"])}) if raw else None
        changes = {"voxel_size_um": tuple(size) if size else None, "raw": described, "region": _spans(region)}
        return cls(**{**values, **changes})


def _spans(values: Any) -> Region | None:
    if values is None:
        return None
    z, y, x = ((int(start), int(stop)) for start, stop in values)
    return z, y, x
