"""Units of length as files write them."""

from __future__ import annotations

_UM: dict[str, float] = {
    "µm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0, "micrometre": 1.0,
    "pm": 1e-6, "å": 1e-4, "angstrom": 1e-4, "nm": 1e-3, "nanometer": 1e-3, "nanometre": 1e-3,
    "mm": 1e3, "millimeter": 1e3, "millimetre": 1e3, "cm": 1e4, "centimeter": 1e4, "centimetre": 1e4,
    "m": 1e6, "meter": 1e6, "metre": 1e6, "in": 25400.0, "inch": 25400.0, "inches": 25400.0,
}  # fmt: skip


def unit_um(name: str) -> float | None:
    """Micrometres in a unit; None for a word that is no unit of length, e.g. pixel."""
    # ImageJ writes µ as \u00B5, and Unicode has two of them.
    return _UM.get(name.strip().strip('"').lower().replace("\\u00b5", "µ").replace("μ", "µ"))
