"""From where to where the cells vary that a model learns from, and the families that it never meets."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import exp, log

import numpy as np

Range = tuple[float, float]
CATHODE_GREY = 80.0


@dataclass(frozen=True)
class Ranges:
    """Each is drawn evenly from these; grey values are shares of the cathode's.

    Args:
        turns: Windings of a cylindrical cell.
        layers: Cathodes of a stack.
        cathode_um: Thickness of a cathode with both coatings.
        anode_um: The same of an anode.
        foil_um: Thickness of the copper foil.
        separator_um: Thickness of a separator.
        overhang_um: Mean overhang.
        lean_deg: Lean of the tips at the can; at the core it is a fifth of it.
        anode: Grey value of the anode's coating.
        foil: Of copper, as a voxel full of it would have.
        between: Of separator and electrolyte, as a share of the anode's coating.
        gas: Of gas, as a share of the anode's coating.
        can: Of can and cap.
        clip: Grey value beyond which the scan is white.
        pixel_um: Pixel across the sheets.
        pixels_a_pitch: Pixels from sheet to sheet at least and at most.
        aspect: How many times longer pixels are along the sheets than across.
        blur: Standard deviation of the point spread in pixels.
        blur_along: The same along the sheets, in pixels there: slices are often means of thinner ones.
        noise: Standard deviation of the noise.
        noise_pixels: Standard deviation in pixels of the Gaussian that correlates it.
        rings: Standard deviation of rings.
        cupping: Share of the grey value lost in the middle.
        streaks: Strength of halos and bands about metal.
        shade: Of bands across the ends of the sheets, brighter or darker, as metal beside them leaves in a slice.
        haze: Of what hangs in the gas above the sheets: separators, droplets.
        cover: Of what lies on the tips: separators that were folded over, an insulating disc.
        clutter: Of what lies across it: strips, insulators, streaks from metal beside the plane.
        sharpen: How far a filter sharpened the scan, as reconstructions do.
        texture: Standard deviation of the cathode's coating.
    """

    turns: Range = (3.5, 16.0)
    layers: Range = (3.0, 16.0)
    cathode_um: Range = (110.0, 230.0)
    anode_um: Range = (95.0, 215.0)
    foil_um: Range = (6.0, 12.0)
    separator_um: Range = (8.0, 25.0)
    overhang_um: Range = (350.0, 1150.0)
    lean_deg: Range = (-22.0, 10.0)
    anode: Range = (0.25, 0.5)
    foil: Range = (2.0, 3.4)
    between: Range = (0.3, 1.0)
    gas: Range = (-0.2, 0.25)
    can: Range = (0.8, 3.6)
    clip: Range = (1.2, 4.5)
    pixel_um: Range = (20.0, 80.0)
    pixels_a_pitch: Range = (7.5, 16.0)
    aspect: Range = (1.0, 3.0)
    blur: Range = (0.35, 0.85)
    blur_along: Range = (0.3, 1.3)
    noise: Range = (0.01, 0.06)
    noise_pixels: Range = (0.0, 0.8)
    rings: Range = (0.0, 0.02)
    cupping: Range = (-0.05, 0.15)
    streaks: Range = (0.0, 1.0)
    shade: Range = (0.03, 0.2)
    haze: Range = (0.0, 0.25)
    cover: Range = (0.05, 0.45)
    clutter: Range = (0.1, 0.8)
    sharpen: Range = (0.0, 0.6)
    texture: Range = (0.0, 0.06)

    def __post_init__(self) -> None:
        for each in fields(self):
            low, high = getattr(self, each.name)
            if low > high:
                raise ValueError(f"{each.name} runs from {low} to {high}")


TRAINING = Ranges()

# Every range that is named here lies outside of the training's.
HELD_OUT: dict[str, Ranges] = {
    "thick sheets": replace(TRAINING, cathode_um=(240.0, 280.0), anode_um=(225.0, 260.0)),
    "long overhang": replace(TRAINING, overhang_um=(1250.0, 1700.0)),
    "leaning tips": replace(TRAINING, lean_deg=(-30.0, -24.0)),
    "bright anode": replace(TRAINING, anode=(0.53, 0.58)),
    "glaring can": replace(TRAINING, can=(4.0, 5.5), clip=(4.6, 6.0)),
    "grainy": replace(TRAINING, noise=(0.065, 0.085)),
    "soft": replace(TRAINING, blur=(0.9, 1.05)),
    "cupped": replace(TRAINING, cupping=(0.18, 0.28)),
    "ringed": replace(TRAINING, rings=(0.025, 0.035)),
}


def draw(rng: np.random.Generator, limits: Range) -> float:
    """Evenly from a range."""
    return float(rng.uniform(*limits))


def draw_log(rng: np.random.Generator, limits: Range) -> float:
    """From a range, evenly in its logarithm."""
    return exp(float(rng.uniform(log(limits[0]), log(limits[1]))))
