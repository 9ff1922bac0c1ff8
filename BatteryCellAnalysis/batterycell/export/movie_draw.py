"""Draw what came of a movie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell import pictures
from batterycell.movie.chemistry import Chemistry
from batterycell.movie.prepare import Prepared
from batterycell.movie.prepare.masks import absorption
from batterycell.movie.stage import frame_table
from batterycell.pictures.movie import MapLook, movie_picture
from batterycell.pictures.movie_curves import drift_figure, fraction_figure, spectra_figure

from .objects_draw import Drawn

Floats = NDArray[np.float64]
_CHEMISTRY, _FRAMES = "movie_chemistry", "movie_frames"


def draw_prepared(found: Prepared, folder: Path) -> list[Drawn]:
    """The particles on what absorbs, and the drift."""
    look = MapLook("Optical density of the particles", None, "gray_r", found.labels)
    picture = movie_picture(absorption(found.density, found.points)[None], [""], found.pixel_um, look)
    drawn = [_save(picture, folder / "particles.png", "What absorbs, and the outlines of the particles.", _FRAMES)]
    if len(found.density) > 1:
        caption = "Drift of each frame, with its 95 % interval by the noise; the mean of all frames is zero."
        drawn.append(_save(drift_figure(frame_table(found)), folder / "drift.png", caption, _FRAMES))
    return drawn


def draw_chemistry(found: Chemistry, folder: Path) -> list[Drawn]:
    """Maps and curves of the chemistry."""
    names, pixel = _names(found), found.prepared.pixel_um
    low, high = (float(end) for end in (np.nanmin(found.design.lithium), np.nanmax(found.design.lithium)))
    maps = (
        ("lithium", found.fraction, MapLook("Lithium fraction", (low, high)), "Lithium per metal; grey: no value."),
        (
            "lithium_sigma",
            found.sigma,
            MapLook("σ of the lithium fraction", None, "magma"),
            "Its standard uncertainty.",
        ),
        ("amount", found.total, MapLook("Amount of metal", None, "cividis"), "Amount, in units of the end members."),
        ("residual_od", found.residual, MapLook("Residual (optical density)", None, "magma"), "What the fit leaves."),
    )
    drawn = [
        _save(movie_picture(values, names, pixel, look), folder / f"{name}.png", caption, _CHEMISTRY)
        for name, values, look, caption in maps
    ]
    if len(found.design.columns) > found.design.columns.shape[1]:
        figure = spectra_figure(found.prepared.points.energies_ev, found.spectra, found.fitted)
        caption = "Mean spectra of the particles at the first point in time (dots), and what the fit leaves."
        drawn.append(_save(figure, folder / "spectra.png", caption, _CHEMISTRY))
    if len(names) > 1:
        caption = "Lithium of each particle over time with its 95 % interval; how far its pixels differ."
        drawn.append(_save(fraction_figure(found.particles), folder / "lithium_mean.png", caption, _CHEMISTRY))
    return drawn


def _names(found: Chemistry) -> list[str]:
    times = found.prepared.points.times_s
    if len(times) == 1:
        return [""]
    return [f"{time / 60:,.1f} min" if np.isfinite(time) else f"point {n}" for n, time in enumerate(times, 1)]


def _save(figure: object, path: Path, caption: str, stage: str) -> Drawn:
    pictures.save_figure(figure, path)  # type: ignore[arg-type]
    return Drawn(path, caption, stage)
