"""Voxel sizes in TIFF files: OME and ImageJ metadata, resolution tags."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

from .sizes import LARGEST_UM, StatedSize
from .units import unit_um

_TAG_UNIT_UM = {2: 25400.0, 3: 10000.0}
# Resolutions in dots per inch that speak of screens and printers, not of the sample.
_PRINTING_DPI = (72, 96, 144, 150, 192, 300, 600, 1200)


def stated_size(tiff: Any) -> StatedSize:
    """What an open ``tifffile.TiffFile`` says about its voxel size."""
    if tiff.ome_metadata:
        return _from_ome(tiff.ome_metadata)
    if tiff.imagej_metadata and unit_um(str(tiff.imagej_metadata.get("unit", ""))):
        return _from_imagej(tiff)
    return _from_tags(tiff.pages[0])


def _from_ome(xml: str) -> StatedSize:
    pixels = next((node for node in ElementTree.fromstring(xml).iter() if node.tag.endswith("}Pixels")), None)
    if pixels is None:
        return StatedSize()
    sizes = [_ome_length(pixels.attrib, axis) for axis in "ZYX"]
    return StatedSize((sizes[0], sizes[1], sizes[2]), "OME metadata")


def _ome_length(attributes: dict[str, str], axis: str) -> float | None:
    unit = unit_um(attributes.get(f"PhysicalSize{axis}Unit", "µm"))
    value = attributes.get(f"PhysicalSize{axis}")
    return float(value) * unit if value and unit else None


def _from_imagej(tiff: Any) -> StatedSize:
    metadata, (x, y) = tiff.imagej_metadata, _pixels_per_unit(tiff.pages[0])
    unit, spacing = str(metadata["unit"]), metadata.get("spacing")
    units = [unit_um(str(metadata.get(f"{axis}unit", unit))) for axis in "zyx"]
    lengths = (abs(float(spacing)) if spacing else None, 1 / y if y else None, 1 / x if x else None)
    sizes = [length * scale if length and scale else None for length, scale in zip(lengths, units, strict=True)]
    return StatedSize((sizes[0], sizes[1], sizes[2]), "ImageJ metadata")


def _from_tags(page: Any) -> StatedSize:
    unit = _TAG_UNIT_UM.get(int(page.resolutionunit)) if "ResolutionUnit" in page.tags else None
    x, y = _pixels_per_unit(page)
    if not unit or not x or not y or unit / x > LARGEST_UM or _is_for_print(x, unit):
        return StatedSize()
    return StatedSize((None, unit / y, unit / x), "TIFF resolution")


def _is_for_print(per_unit: float, unit: float) -> bool:
    dpi = per_unit * _TAG_UNIT_UM[2] / unit
    return any(math.isclose(dpi, known, rel_tol=2e-3) for known in _PRINTING_DPI)


def _pixels_per_unit(page: Any) -> tuple[float, float]:
    if "XResolution" not in page.tags or "YResolution" not in page.tags:
        return 0.0, 0.0
    x, y = page.resolution
    return float(x), float(y)
