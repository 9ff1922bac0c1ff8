"""Platelets of irregular outline, as functions of place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.movie.law.settings import Heterogeneity, LawSpec

from .fields import Field, draw_field

Floats = NDArray[np.float64]
# Width in pixels of the blurred outline.
_EDGE_PX = 1.5
_LUMPS = 4
_FEW = 8


@dataclass(frozen=True)
class Outline:
    """A rounded polygon: the radius over the angle, as an ellipse to a power, with lumps.

    Args:
        axes_um: Half axes, the longer one first.
        power: 2 is an ellipse, more is more of a rectangle.
        turn: Angle of the longer axis in radians.
        lumps: Relative height and phase of each harmonic from the second on, shape (n, 2).
    """

    axes_um: tuple[float, float]
    power: float
    turn: float
    lumps: Floats

    def depth_um(self, y_um: Floats, x_um: Floats) -> Floats:
        """How far inside places lie, along the line to the centre; negative outside."""
        angle = np.arctan2(y_um, x_um)
        return np.asarray(self._radius_um(angle) - np.hypot(y_um, x_um))

    def _radius_um(self, angle: Floats) -> Floats:
        long, short = self.axes_um
        along, across = np.abs(np.cos(angle - self.turn)) / long, np.abs(np.sin(angle - self.turn)) / short
        smooth = (along**self.power + across**self.power) ** (-1 / self.power)
        waves = sum(h * np.cos(n * angle + p) for n, (h, p) in enumerate(self.lumps, 2))
        return np.asarray(smooth * (1 + waves))


@dataclass(frozen=True)
class Platelet:
    """A particle at rest, around its own centre.

    Args:
        outline: Where it ends.
        thickness: How its thickness varies, and
        unevenness: how much, relative.
        speed: How ln k varies, and
        contrast: how much.
        mean: Mean of ln k.
        beginning: How its lithium varies at the beginning.
        pixel_um: Edge of a pixel, which blurs its outline.
    """

    outline: Outline
    thickness: Field
    unevenness: float
    speed: Field
    contrast: float
    mean: float
    beginning: Field
    pixel_um: float

    def amount(self, y_um: Floats, x_um: Floats) -> Floats:
        """Thickness, about 1, falling to 0 over the blurred outline."""
        depth = self.outline.depth_um(y_um, x_um) / (_EDGE_PX * self.pixel_um)
        uneven = np.exp(self.unevenness * self.thickness.at(y_um, x_um))
        return np.asarray(uneven / (1 + np.exp(np.clip(-2 * depth, -50, 50))))

    def log_k(self, y_um: Floats, x_um: Floats, look: Heterogeneity) -> Floats:
        """What ln k is before all of them are scaled to the geometric mean 1."""
        edge = look.edge * np.exp(-np.maximum(self.outline.depth_um(y_um, x_um), 0) / look.edge_um)
        return np.asarray(self.mean + self.contrast * self.speed.at(y_um, x_um) + edge)

    def first(self, y_um: Floats, x_um: Floats, start: float) -> Floats:
        """Lithium fraction at the beginning: ± a third, and never empty."""
        return np.asarray(start * np.exp(np.clip(self.beginning.at(y_um, x_um), -2, 2) / 3))


def draw_platelets(spec: LawSpec, rng: np.random.Generator) -> tuple[Platelet, ...]:
    """The particles of one movie."""
    return tuple(_draw(spec, rng) for _ in range(spec.platelets.count))


def _draw(spec: LawSpec, rng: np.random.Generator) -> Platelet:
    look, shape = spec.heterogeneity, spec.platelets
    return Platelet(
        _draw_outline(spec, rng),
        draw_field(0.25 * shape.size_px * spec.pixel_um, rng, _FEW),
        shape.unevenness,
        draw_field(rng.uniform(*look.length_um), rng),
        rng.uniform(*look.contrast),
        look.between * rng.normal(),
        draw_field(0.2 * shape.size_px * spec.pixel_um, rng, _FEW),
        spec.pixel_um,
    )


def _draw_outline(spec: LawSpec, rng: np.random.Generator) -> Outline:
    """Lumps included, it stays inside a square of the size that was asked for."""
    slender = rng.uniform(*spec.platelets.slenderness)
    power, turn = rng.uniform(2.5, 5), rng.uniform(-0.2, 0.2)
    lumps = np.column_stack([rng.uniform(0, 0.06, _LUMPS) / np.arange(1, _LUMPS + 1), rng.uniform(0, 6.28, _LUMPS)])
    rough = Outline((1.0, slender), power, turn, lumps)
    angle = np.linspace(0, 2 * np.pi, 361)
    radius = rough._radius_um(angle)
    reach = max(np.abs(radius * np.cos(angle)).max(), np.abs(radius * np.sin(angle)).max())
    half = 0.5 * spec.platelets.size_px * spec.pixel_um / reach
    return Outline((half, half * slender), power, turn, lumps)
