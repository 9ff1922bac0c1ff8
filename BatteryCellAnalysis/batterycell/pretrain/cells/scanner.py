"""What a scanner makes of a painted section: point spread, artefacts, noise, and grey values of its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom import CellLabel
from batterycell.volume import UM_PER_MM

from .cell import Cell
from .planes import Plane
from .ranges import CATHODE_GREY, Ranges, draw, draw_log

Array = NDArray[Any]
VARIANCE_TO_BOX = float(np.sqrt(12))
_METAL = 1.4 * CATHODE_GREY
_WIDE_UM = (150.0, 300.0), (250.0, 1500.0)


@dataclass(frozen=True)
class Look:
    """How one scan looks; grey values are shares of the cathode's.

    Args:
        across_um: Pixel across the sheets.
        along_um: Pixel along them.
        blur_um: Standard deviation of the point spread across the sheets.
        blur_along_um: The same along them.
        clip: White from here on.
        black: Black up to here.
        noise: Standard deviation.
        noise_pixels: Standard deviation of the Gaussian that correlates it.
        rings: Standard deviation.
        cupping: Share lost in the middle.
        streaks: Strength.
        shade: Strength.
        haze: Strength.
        cover: Strength.
        clutter: Strength.
        sharpen: Strength.
        texture: Standard deviation in the cathode's coating.
        collector_um: Thickness of the aluminium foil amid the cathode; 0 where it does not show.
        bits: 8 or 16.
    """

    across_um: float
    along_um: float
    blur_um: float
    blur_along_um: float
    clip: float
    black: float
    noise: float
    noise_pixels: float
    rings: float
    cupping: float
    streaks: float
    shade: float
    haze: float
    cover: float
    clutter: float
    sharpen: float
    texture: float
    collector_um: float
    bits: int


def random_look(rng: np.random.Generator, ranges: Ranges, pitch_um: float) -> Look:
    """Draw how a cell with sheets at a distance is scanned."""
    fewest, most = ranges.pixels_a_pitch
    low, high = max(ranges.pixel_um[0], pitch_um / most), min(ranges.pixel_um[1], pitch_um / fewest)
    across = draw_log(rng, (min(low, high), high))
    longer = 1.0 if rng.random() < 0.35 else draw(rng, ranges.aspect)
    along = min(across * longer, ranges.pixel_um[1])
    blur = across * draw(rng, ranges.blur)

    def seldom(part: float, value: float) -> float:
        return value if rng.random() < part else 0.0

    return Look(
        across_um=across,
        along_um=along,
        blur_um=blur,
        blur_along_um=max(blur, along * draw(rng, ranges.blur_along)),
        clip=draw(rng, ranges.clip),
        black=rng.uniform(-0.5, 0.05),
        noise=draw_log(rng, ranges.noise),
        noise_pixels=draw(rng, ranges.noise_pixels),
        rings=seldom(0.5, draw(rng, ranges.rings)) if ranges.rings[0] == 0 else draw(rng, ranges.rings),
        cupping=draw(rng, ranges.cupping),
        streaks=seldom(0.5, draw(rng, ranges.streaks)),
        shade=seldom(0.5, draw(rng, ranges.shade)),
        haze=seldom(0.5, draw(rng, ranges.haze)),
        cover=seldom(0.45, draw(rng, ranges.cover)),
        clutter=seldom(0.45, draw(rng, ranges.clutter)),
        sharpen=seldom(0.3, draw(rng, ranges.sharpen)),
        texture=draw(rng, ranges.texture),
        collector_um=seldom(0.5, rng.uniform(10, 20)),
        bits=8 if rng.random() < 0.5 else 16,
    )


def soften_um(look: Look) -> float:
    """Width of the box that acts while a section is painted: a foil thinner than a pixel must not jump."""
    return min(look.blur_um * VARIANCE_TO_BOX, look.across_um)


def scan(rng: np.random.Generator, cell: Cell, plane: Plane, look: Look) -> tuple[Array, NDArray[np.uint8]]:
    """Scan a section.

    Returns:
        Grey values, uint8 or uint16, and `CellLabel`, both of shape (rows, columns).
    """
    grey, label = (one[0] for one in cell.paint(plane.grid(soften_um(look))))
    points = plane.points
    _add_matter(rng, grey, label, (cell, plane, look, points))
    grey = _smooth(grey, _remaining_blur(cell, plane, look))
    _add_streaks(rng, grey, plane, look)
    _add_rings(rng, grey, cell.radius(points), look)
    if look.sharpen:
        grey += look.sharpen * (grey - _smooth(grey, (1.0, 1.0)))
    grey += look.noise * CATHODE_GREY * _noise(rng, grey.shape, (look.noise_pixels, look.noise_pixels))
    return quantise(grey, look), label


def quantise(grey: Array, look: Look) -> Array:
    """Grey values of the scan's type, cut off where it is black and white."""
    top = 2**look.bits - 1
    share = (grey / CATHODE_GREY - look.black) / (look.clip - look.black)
    return np.asarray(np.rint(np.clip(share, 0, 1) * top), f"uint{look.bits}")


def _add_matter(rng: np.random.Generator, grey: Array, label: Array, where: tuple[Cell, Plane, Look, Array]) -> None:
    """What is not drawn sheet by sheet: grain and foil of the cathode, and what stands in the gas."""
    cell, plane, look, points = where
    cathode = label == CellLabel.CATHODE
    _, *pixel = plane.voxel_size_um
    if look.texture:
        grey[cathode] *= 1 + look.texture * _noise(rng, grey.shape, [30.0 / size for size in pixel])[cathode]
    if look.collector_um:
        grey[cathode] *= 1 - 0.7 * _collector(cathode, cell.cathode_um, pixel, look)[cathode]
    free = (label == CellLabel.OUTSIDE) & cell.encloses(points)
    beyond = cell.beyond_mm(points)
    grey[free] += CATHODE_GREY * _in_the_gas(rng, beyond, pixel, look)[free]
    if look.shade:
        grey += look.shade * CATHODE_GREY * _shade(rng, beyond, pixel)


def _in_the_gas(rng: np.random.Generator, beyond_mm: Array, pixel_um: list[float], look: Look) -> Array:
    """What hangs above the sheets, lies on their tips, and crosses the room above them; a share of the cathode's."""
    shape, total = beyond_mm.shape, np.zeros(beyond_mm.shape, np.float32)
    if look.haze:
        field = _noise(rng, shape, [rng.uniform(150, 500) / size for size in pixel_um])
        total += look.haze * np.clip(0.5 + field, 0, 2)
    if look.cover:
        wave = rng.uniform(0, 0.15) * _noise(rng, shape, [1500.0 / size for size in pixel_um])
        low, high = rng.uniform(-0.7, 0.3) + wave, rng.uniform(0.1, 0.6)
        soft = rng.uniform(0.03, 0.15)
        total += look.cover * np.clip((beyond_mm - low) / soft, 0, 1) * np.clip((low + high - beyond_mm) / soft, 0, 1)
    if look.clutter:
        field = _noise(rng, shape, (rng.uniform(40, 200) / pixel_um[0], rng.uniform(800, 4000) / pixel_um[1]))
        total += look.clutter * np.clip(field - rng.uniform(0.3, 1.2), 0, 1)
    return np.asarray(total)


def _shade(rng: np.random.Generator, beyond_mm: Array, pixel_um: list[float]) -> Array:
    """Bands of some tenths of a millimetre about the ends of the sheets that bend slowly; from -1 to 1."""
    phase = _noise(rng, beyond_mm.shape, [2000.0 / size for size in pixel_um])
    waves = np.sin(beyond_mm * rng.uniform(2, 12) + rng.uniform(0.3, 2.0) * phase + rng.uniform(0, 2 * np.pi))
    return np.asarray(waves * np.exp(-((beyond_mm / rng.uniform(0.8, 4.0)) ** 2)))


def _collector(cathode: Array, thickness_um: float, pixel_um: list[float], look: Look) -> Array:
    """Share of each pixel of a cathode in the foil amid it."""
    from scipy.ndimage import distance_transform_edt

    away = thickness_um / 2 - distance_transform_edt(np.pad(cathode, 1), sampling=pixel_um)[1:-1, 1:-1]
    share = (look.collector_um + look.across_um) / 2 - away
    return np.asarray(np.clip(share, 0, min(look.collector_um, look.across_um)) / look.across_um)


def _remaining_blur(cell: Cell, plane: Plane, look: Look) -> tuple[float, float]:
    """Standard deviation in pixels along rows and columns of the blur that painting left to do."""
    done = soften_um(look) / VARIANCE_TO_BOX
    left = []
    for step in (plane.down, plane.right):
        size = float(np.linalg.norm(step))
        across = cell.softened(step / size)
        whole = (look.blur_um * across) ** 2 + look.blur_along_um**2 * (1 - across**2)
        left.append(float(np.sqrt(max(whole - (done * across) ** 2, 0.0))) / (size * UM_PER_MM))
    return left[0], left[1]


def _add_streaks(rng: np.random.Generator, grey: Array, plane: Plane, look: Look) -> None:
    """Halos about metal, and bright and dark bands beside it, which run along the rows as slices are reconstructed."""
    if not look.streaks:
        return
    _, *pixel = plane.voxel_size_um
    metal = np.clip(grey / _METAL - 1, 0, 1)
    glow, near = (_smooth(metal, [um / size for um, size in zip(wide, pixel, strict=True)]) for wide in _WIDE_UM)
    bands = _noise(rng, grey.shape, [rng.uniform(40, 150) / pixel[0], rng.uniform(600, 3000) / pixel[1]])
    halo = rng.uniform(-0.3, 1.0) * glow
    grey += look.streaks * CATHODE_GREY * np.where(metal > 0.5, 0, halo + (1.4 * near + 0.03) * bands)


def _add_rings(rng: np.random.Generator, grey: Array, radius: Array, look: Look) -> None:
    """Cupping about the scan's axis, and rings about one that may lie a little beside it."""
    grey *= 1 - look.cupping * np.clip(1 - radius**2, 0, 1)
    if look.rings:
        steps = np.clip(radius * rng.uniform(150, 400), 0, 999).astype(int)
        slow = 1 + 0.5 * _noise(rng, grey.shape, (20.0, 60.0))
        grey += look.rings * CATHODE_GREY * rng.standard_normal(1000)[steps] * slow


def _smooth(image: Array, sigma: Any) -> Array:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(image, sigma, truncate=3.0), np.float32)


def _noise(rng: np.random.Generator, shape: tuple[int, ...], sigma: Any) -> Array:
    """Gaussian noise of standard deviation 1, smooth over some pixels."""
    noise = _smooth(rng.standard_normal(shape, np.float32), np.minimum(sigma, 60.0))
    return np.asarray(noise / max(float(noise.std()), 1e-6))
