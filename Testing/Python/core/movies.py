"""Small X-ray movies for the tests: generated, and as files of every format."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from batterycell.movie import FrameIndex, Movie
from batterycell.movie.load import EndMember
from batterycell.phantom.movie import MoviePhantom, MovieSpec, iron_l_edge, make_movie
from batterycell.slabs import SlabSource

GRID = np.linspace(695.0, 735.0, 4001)
SMALL = MovieSpec(shape=(44, 48), times=4, particles=1, photons=1500.0)


@cache
def small_movie() -> MoviePhantom:
    return make_movie(SMALL, 1)


def end_members() -> tuple[EndMember, EndMember]:
    poor, rich = iron_l_edge(GRID)
    return EndMember("FePO4", GRID, poor), EndMember("LiFePO4", GRID, rich)


def movie_of(made: MoviePhantom) -> Movie:
    index = FrameIndex(made.times_s, made.energies_ev, "truth", "truth")
    return Movie(SlabSource.of_array(made.counts), index, (made.spec.pixel_um, made.spec.pixel_um), "truth")


def write_members(folder: Path) -> list[str]:
    """The end members as files, and the words that name them."""
    words = []
    for member in end_members():
        path = folder / f"{member.name}.txt"
        np.savetxt(path, np.column_stack([member.energies_ev[::20], member.density[::20]]))
        words += ["--end-member", f"{member.name}={path}"]
    return words


def write_tiff(made: MoviePhantom, path: Path, side: bool = True) -> Path:
    """Frames as pages of 16 bits, times and energies in a CSV file beside."""
    import tifffile

    tifffile.imwrite(path, made.counts.astype(np.uint16), photometric="minisblack")
    if side:
        rows = [f"{time},{energy}" for time, energy in zip(made.times_s, made.energies_ev, strict=True)]
        path.with_suffix(".csv").write_text("\n".join(["time_s,energy_eV", *rows]) + "\n", encoding="utf-8")
    return path


def write_stxm(made: MoviePhantom, folder: Path, frames: int) -> Path:
    """A stack as the beamline writes it."""
    rows, columns = made.spec.shape
    step = made.spec.pixel_um
    places = [", ".join(f"{step * n:.3f}" for n in range(count)) for count in (columns, rows)]
    energies = ", ".join(f"{energy:.3f}" for energy in made.energies_ev[:frames])
    axes = "\n".join(
        f'{name} = {{ Name = "{words}"; Unit = "{unit}";\n Points = ({count}, {values});\n}};'
        for name, words, unit, count, values in (
            ("PAxis", "Sample X", "um", columns, places[0]),
            ("QAxis", "Sample Y", "um", rows, places[1]),
            ("StackAxis", "Energy", "eV", frames, energies),
        )
    )
    stamps = "\n".join(
        f'Image{n} = {{StorageRingCurrent = 300; Time = "2007 December 14 18:{n:02d}:00";}};' for n in range(frames)
    )
    path = folder / "stack.hdr"
    path.write_text(f"{axes}\nPMT_CounterDivider = 10;\n{stamps}\n", encoding="ascii")
    for n in range(frames):
        np.savetxt(folder / f"stack_a{n:03d}.xim", made.counts[n], fmt="%.3f")
    return path
