"""How a generated electrode is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from batterycell.phantom.checks import require, require_numbers


@dataclass(frozen=True)
class Microscope:
    """Grey values in 8-bit steps and what blurs, stripes and brightens them.

    Args:
        greys: Of pore, active material, binder, additive.
        textures: Standard deviation of the grey within each of these.
        edge: How much brighter edges of solids at pores are.
        shine: Brightness of what lies behind a pore, as a part of its brightness in the plane; 0 for X-rays.
        shine_depth_um: Depth at which it has fallen to 1/e.
        blur: Standard deviation of the point spread in voxels.
        deep: Whether it acts along the slices too, as in tomography.
        curtain: Relative standard deviation of stripes along the beam, in the rows' direction.
        charging: Brightness of charged regions of binder and edges.
        shading: Relative standard deviation of slow shading.
        noise: Standard deviation of the detector's noise.
        shot: Grey values' variance over their mean: noise of counting.
        gain_variation: Relative standard deviation of the contrast from image to image.
        offset_variation: Standard deviation of the brightness from image to image.
    """

    greys: tuple[float, float, float, float] = (32.0, 158.0, 86.0, 114.0)
    textures: tuple[float, float, float, float] = (2.0, 4.0, 9.0, 13.0)
    edge: float = 60.0
    shine: float = 0.45
    shine_depth_um: float = 0.5
    blur: float = 0.8
    deep: bool = False
    curtain: float = 0.08
    charging: float = 90.0
    shading: float = 0.16
    noise: float = 4.5
    shot: float = 0.25
    gain_variation: float = 0.12
    offset_variation: float = 8.0

    def __post_init__(self) -> None:
        require_numbers(self)
        amounts = (*self.textures, self.edge, self.shine, self.blur, self.curtain, self.charging, self.shading)
        others = (self.noise, self.shot, self.gain_variation, self.offset_variation)
        require(min(*amounts, *others) >= 0, "An amount of the microscope is negative.", "Give 0 or more.")
        require(self.shine <= 1, f"What lies behind cannot shine {self.shine} times.", "Give 0 to 1.")
        require(self.shine_depth_um > 0, "The depth that shines through is not above 0.", "Give it in µm.")
        require(self.blur <= 20, f"A blur of {self.blur} voxels leaves nothing.", "Give 0 to 20.")
