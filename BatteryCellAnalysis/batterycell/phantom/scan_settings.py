"""How a generated cell is scanned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .checks import require, require_numbers

AxisName = Literal["i", "j", "k"]


@dataclass(frozen=True)
class Scan:
    """How the cell was scanned.

    Args:
        voxel_size_um: Voxel size (z, y, x) in µm.
        axis: Array axis along which the cell lies.
        upside_down: Whether the cap points to index 0 of that axis.
        tilt_deg: Angle between the cell's axis and the array axis.
        tilt_toward_deg: Direction of the tilt about the array axis.
        shift_um: Displacement (x, y, z) of the cell from the volume's middle, along i, j, k.
        crop_mm: Part of the cell in the volume, from and to below the top of its rim; None is the whole cell.
        margin_mm: Air left around the cell.
        shape: Shape (k, j, i); None takes what crop and margin need.
        blur_um: Standard deviation of the Gaussian point spread.
        noise: Standard deviation of the noise in grey values.
        noise_um: Standard deviation of the Gaussian that correlates the noise.
        rings: Standard deviation of ring artefacts in grey values.
        cupping: Share of the grey value lost in the middle.
        streaks: Strength of the streaks and halos around the cap's metal.
        dtype: Type of the grey values; uint16 values are 256 times those of uint8.
    """

    voxel_size_um: tuple[float, float, float] = (67.94, 33.97, 33.97)
    axis: AxisName = "k"
    upside_down: bool = False
    tilt_deg: float = 0.0
    tilt_toward_deg: float = 0.0
    shift_um: tuple[float, float, float] = (0.0, 0.0, 0.0)
    crop_mm: tuple[float, float] | None = None
    margin_mm: float = 0.8
    shape: tuple[int, int, int] | None = None
    blur_um: float = 24.0
    noise: float = 3.0
    noise_um: float = 20.0
    rings: float = 0.6
    cupping: float = 0.04
    streaks: float = 1.0
    dtype: Literal["uint8", "uint16"] = "uint8"

    def __post_init__(self) -> None:
        require_numbers(self)
        sizes = self.voxel_size_um
        require(len(sizes) == 3 and min(sizes) > 0, f"A voxel cannot be {sizes} µm.", "Give three positive numbers.")
        require(self.axis in ("i", "j", "k"), f"There is no array axis {self.axis}.", "Choose i, j or k.")
        require(0 <= self.tilt_deg <= 45, f"A tilt of {self.tilt_deg}° is not offered.", "Give 0 to 45 degrees.")
        strengths = (self.blur_um, self.noise, self.noise_um, self.rings, self.streaks)
        require(min(strengths) >= 0 and 0 <= self.cupping < 1, "Blur, noise and artefacts cannot be negative.",
                "Give 0 to leave one out.")  # fmt: skip
        require(self.crop_mm is None or self.crop_mm[0] < self.crop_mm[1], f"Nothing lies between {self.crop_mm} mm.",
                "Give crop_mm as (from, to) below the rim, from < to.")  # fmt: skip
