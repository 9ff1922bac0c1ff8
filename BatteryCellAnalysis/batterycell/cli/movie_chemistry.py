"""``batterycell movie prepare`` and ``chemistry``: from frames to lithium maps."""

from __future__ import annotations

import argparse
from typing import Any

from batterycell.progress import Progress

from .movie_input import movie_call, run_call
from .movie_options import add_chemistry_options, add_movie_options
from .options import Subparsers, add_verb

_STACK = "71214078.hdr --end-member FePO4=oxidized.t --end-member LiFePO4=reduced.t"
EXAMPLE = f"batterycell movie chemistry {_STACK} --out lithium"
_PREPARE = "batterycell movie prepare movie.tif --energies 704,707.9,709.7 --times 60 --pixel-size 0.05 --out prepared"
_WRITES_PREPARED = """writes into DIR:
  optical_density  without drift, a TIFF stack and a sequence for Slicer (.seq.nrrd)
  particles        number of each pixel's particle
  frames.csv       time, energy, beam and drift of each frame
  quantities.csv, *.png, report.html, summary.json, provenance.json, recipe.json

times and energies: --times and --energies, else a side file (movie.csv or .json beside movie.tif, frames.csv in a
folder of frames; columns time_s and energy_eV), else what the file says"""
_WRITES_CHEMISTRY = """writes into DIR, each map as TIFF and for Slicer (.nrrd, over time .seq.nrrd):
  lithium, lithium_sigma   lithium per metal of every pixel and point in time, and its standard uncertainty
  lithium_unbounded        the same where amounts may be negative: for means and rates
  amount, amount_sigma, residual_od, chi_square, particles
  particles.csv    one row a particle and point in time; frames.csv: one row a frame
  quantities.csv, *.png, report.html, summary.json, provenance.json, recipe.json

end members: two columns, energy in eV and optical density, of equal amounts of metal (else --edge-jump)"""


def add_kinds(kinds: Subparsers) -> None:
    """Add both."""
    summary = "Make optical density without drift from frames, and find the particles."
    add_movie_options(add_verb(kinds, "prepare", summary, _PREPARE, _WRITES_PREPARED), "prepared")
    summary = "Map the lithium fraction of every pixel and time, with its uncertainty."
    parser = add_verb(kinds, "chemistry", summary, EXAMPLE, _WRITES_CHEMISTRY)
    add_movie_options(parser, "chemistry")
    add_chemistry_options(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Prepare the movie, find its chemistry where that is asked for, write the folder; return its summary."""
    return run_call(movie_call(args), args, progress)
