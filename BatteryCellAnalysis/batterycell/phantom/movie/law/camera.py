"""Take the frames of particles whose law is known: photons, energies, thickness and drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import UsageError
from batterycell.phantom.movie.factory import MoviePhantom, draw_drift, film
from batterycell.phantom.movie.settings import MovieSpec

from .factory import LawPhantom
from .particles.grid import side_px, tiling
from .particles.platelet import Platelet

Floats = NDArray[np.float64]
_MOST_PHOTONS, _MOST_DRIFT_PX = 1e9, 100.0


@dataclass(frozen=True)
class Camera:
    """How frames are taken.

    Args:
        photons: Photons a pixel where nothing absorbs; 0 for frames without noise.
        drift_px: The longest way the image drifts along an axis, in pixels.
        energies_ev: Photon energies of one point in time, in eV.
        density: Optical density of usual thickness where a pure end member absorbs 1.
    """

    photons: float = 1200.0
    drift_px: float = 0.0
    energies_ev: tuple[float, ...] = (704.0, 707.9, 709.7)
    density: float = 0.8

    def __post_init__(self) -> None:
        wrong = {
            "photons cannot be negative": not 0 <= self.photons <= _MOST_PHOTONS,
            "drift cannot be negative, nor longer than 100 pixels": not 0 <= self.drift_px <= _MOST_DRIFT_PX,
            "lithium needs two energies between 600 and 900 eV": len(set(self.energies_ev)) < 2
            or not all(600 <= energy <= 900 for energy in self.energies_ev),
            "optical density must be above 0": not 0 < self.density < float("inf"),
        }
        found = [words for words, bad in wrong.items() if bad]
        if found:
            message = f"Such frames cannot be taken: {found[0]}."
            raise UsageError("phantom-camera", message, "--help says what can be given")


@dataclass(frozen=True)
class FilmedPlatelet:
    """A particle in the image: lithium by cubic splines between pixels, linearly between points in time.

    Args:
        platelet: As a function of place.
        corner_px: Row and column of its square's first pixel.
        density: Optical density of usual thickness where a pure end member absorbs 1.
        splines: Coefficients of its lithium, carried on beyond the outline, shape (points, n, n).
    """

    platelet: Platelet
    corner_px: tuple[int, int]
    density: float
    splines: Floats

    def at(self, rows: Floats, columns: Floats, share: float) -> tuple[Floats, Floats]:
        """Amount and lithium fraction at places in pixels, each shape (...), when ``share`` of the time has passed."""
        middle, pixel = (self.splines.shape[-1] - 1) / 2, self.platelet.pixel_um
        own = np.stack([rows - self.corner_px[0], columns - self.corner_px[1]])
        y, x = (own - middle) * pixel
        return self.density * self.platelet.amount(y, x), self._lithium(own, share)

    def window(self, shape: tuple[int, int], shift: Floats) -> tuple[slice, slice]:
        """Its square, moved, and a margin for the blurred outline."""
        side = self.splines.shape[-1]
        starts = [int(np.floor(corner + way)) - 4 for corner, way in zip(self.corner_px, shift, strict=True)]
        ends = [min(start + side + 9, most) for start, most in zip(starts, shape, strict=True)]
        rows, columns = (slice(max(start, 0), end) for start, end in zip(starts, ends, strict=True))
        return rows, columns

    def _lithium(self, own: Floats, share: float) -> Floats:
        from scipy.ndimage import map_coordinates

        place = np.clip(share, 0, 1) * (len(self.splines) - 1)
        before = min(int(place), len(self.splines) - 2)
        values = [
            map_coordinates(one, own, order=3, mode="nearest", prefilter=False)
            for one in self.splines[before : before + 2]
        ]
        part = place - before
        return np.asarray(np.clip((1 - part) * values[0] + part * values[1], 0.0, 1.0))


def film_law(phantom: LawPhantom, number: int, camera: Camera, seed: int) -> MoviePhantom:
    """Take the frames of one of the movies.

    The mean of all shifts is zero, so that the phantom's maps lie where drift correction brings the frames.

    Args:
        phantom: The movies.
        number: Which of them, from 0.
        camera: How frames are taken.
        seed: Drift and noise follow from it and the number.
    """
    rng = np.random.default_rng((seed, 2, number))
    movie, spec = phantom.movies[number], phantom.spec
    particles = [
        _place(phantom, number, particle, camera.density) for particle in range(len(phantom.platelets[number]))
    ]
    looks = MovieSpec(
        movie.labels.shape,
        spec.pixel_um,
        camera.energies_ev,
        movie.points,
        float(movie.times_s[1] - movie.times_s[0]),
        len(particles),
        camera.density,
        camera.photons,
        camera.drift_px,
    )
    shifts = draw_drift(looks, rng)
    shifts -= shifts.mean(axis=0)
    return film(particles, looks, shifts, rng)


def _place(phantom: LawPhantom, number: int, particle: int, density: float) -> FilmedPlatelet:
    side = side_px(phantom.spec)
    row, column = divmod(particle, tiling(phantom.spec)[1])
    corner = (row * side, column * side)
    square = phantom.fractions[number][:, corner[0] : corner[0] + side, corner[1] : corner[1] + side]
    return FilmedPlatelet(phantom.platelets[number][particle], corner, density, _splines(square))


def _splines(square: Floats) -> Floats:
    """Coefficients of cubic splines; beyond the outline, each pixel is like the nearest one inside."""
    from scipy.ndimage import distance_transform_edt, spline_filter

    nearest = distance_transform_edt(np.isnan(square[0]), return_distances=False, return_indices=True)
    return np.stack([spline_filter(one[tuple(nearest)], order=3, mode="nearest") for one in square])
