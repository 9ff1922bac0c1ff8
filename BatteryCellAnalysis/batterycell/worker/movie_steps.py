"""An X-ray movie step by step, each in a folder as the command line writes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from batterycell.movie.load.lithium_folder import is_lithium_folder
from batterycell.movie.load.options import MovieOptions
from batterycell.movies import Beside, MovieCall, movie_call, write_movie
from batterycell.progress import Progress

# How long steps take beside each other.
_SHARES = {"prepare": 1.0, "chemistry": 1.0, "kinetics": 1.0, "invert": 6.0}
_AT_LITHIUM = ("kinetics", "invert")


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Go the steps; settings as of `movie.run`, and ``steps``, the last words of the verbs in their order.

    Kinetics and law take the folder of the chemistry where it is one of the steps, and what was given else.
    """
    settings = job["settings"]
    steps, call = settings["steps"], movie_call(settings)
    whole, done = sum(_SHARES[step] for step in steps), 0.0
    for step in steps:
        part = progress.part(done / whole, (done + _SHARES[step]) / whole)
        write_movie(_call_of(call, step, out), out / step, False, part)
        done += _SHARES[step]


def _call_of(call: MovieCall, step: str, out: Path) -> MovieCall:
    compared = replace(call.beside, voltages=call.beside.voltages if step == "invert" else ())
    own = replace(call, recipe=replace(call.recipe, verb=f"movie {step}"), beside=compared)
    if step not in _AT_LITHIUM or not is_lithium_folder(out / "chemistry"):
        return own
    # What was said of frames is no word about lithium.
    first = (out / "chemistry", *call.inputs[1:])
    beside = Beside(voltages=compared.voltages, voltage_sigma_v=compared.voltage_sigma_v)
    return replace(own, inputs=first, reading=MovieOptions(), beside=beside)
