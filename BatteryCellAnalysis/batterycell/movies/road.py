"""From X-ray movies to a result folder, as the command line, replay and the desktop's worker call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import UsageError
from batterycell.movie.chemistry.chemistry import MAPS
from batterycell.movie.load.lithium import read_lithium
from batterycell.movie.load.lithium_folder import is_lithium_folder
from batterycell.output import check_room, result_folder
from batterycell.progress import Progress

from .call import MovieCall
from .members import keep_members, kept_recipe
from .searches import keep_search

if TYPE_CHECKING:
    from batterycell.export.movie import MovieResult
    from batterycell.movie import Movie
    from batterycell.movie.lithium import LithiumMovie

_READ, _FOUND = 0.5, 0.85
_VALUE_BYTES = 4
_READ_FRACTIONS = 0.05


def write_movie(call: MovieCall, out: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    """Go the road as far as the recipe says, and write the result folder, whole or not at all.

    Returns:
        The summary.

    Raises:
        InputError: if a movie cannot be used.
        UsageError: if end members do not fit the recipe.
        Cancelled: if the user asked to stop.
    """
    with result_folder(out, overwrite) as folder:
        return run_movie(call, folder, progress)


def run_movie(call: MovieCall, folder: Path, progress: Progress) -> dict[str, Any]:
    """The same into an existing folder."""
    _check_members(call)
    summary = _measure_and_write(call, folder, progress)
    # Stacks that memory could not hold, until they were written.
    for file in folder.glob("*.npy"):
        file.unlink()
    return summary


def _measure_and_write(call: MovieCall, folder: Path, progress: Progress) -> dict[str, Any]:
    from batterycell.export.movie import write_movie_folder

    result = measure_movie(call, folder, progress.part(0.0, _FOUND))
    keep_members(call.beside.members, call.inputs, folder)
    return write_movie_folder(result, folder, call.sources, progress.part(_FOUND, 1.0))


def measure_movie(call: MovieCall, folder: Path, progress: Progress) -> MovieResult:
    """Go the road as far as the recipe says.

    Args:
        call: What was asked.
        folder: For stacks that memory cannot hold; the chemistry of frames, which kinetics and law need, is written
            there as a result folder of its own.
        progress: Told how far it is; asked whether to stop.
    """
    if call.step in ("prepare", "chemistry"):
        return _chemistry(call, folder, progress)
    # First, so that a wrong file is told before long work.
    voltages = read_voltages(call.beside.voltages, len(call.inputs)) if call.step == "invert" else []
    share, count = _reading_share(call), len(call.inputs)
    movies = [
        _lithium(call, number, folder, progress.part(share * number / count, share * (number + 1) / count))
        for number in range(count)
    ]
    whole = replace(call, recipe=kept_recipe(call.recipe, call.inputs))
    result = _find(whole, movies, folder, progress.part(share, 1.0))
    return _beside_voltages(result, voltages, call.beside.voltage_sigma_v)


def _reading_share(call: MovieCall) -> float:
    """How much of the work reading is: of learning a law from fractions that others found, hardly any."""
    has_frames = any(call.holds_frames(source) for source in call.inputs)
    return _READ if has_frames or call.step != "invert" else _READ_FRACTIONS


def _chemistry(call: MovieCall, folder: Path, progress: Progress) -> MovieResult:
    from batterycell.export.movie import MovieResult
    from batterycell.movie.chemistry import find_chemistry
    from batterycell.movie.load import load_movie, read_end_member
    from batterycell.movie.prepare import Given, prepare_movie

    members = [read_end_member(name, path) for name, path in call.beside.members]
    movie = load_movie(call.inputs[0], call.reading, progress.part(0.0, 0.2))
    _check_room(call, movie, folder)
    given = Given(call.beside.beam, call.beside.mask, folder / "density.npy")
    prepared = prepare_movie(movie, call.recipe.prepare, given, progress.part(0.2, 0.8))
    if call.step == "prepare":
        return MovieResult(call.recipe, prepared)
    found = find_chemistry(prepared, members, call.recipe.chemistry, progress.part(0.8, 1.0), folder)
    return MovieResult(call.recipe, prepared, found)


def _check_room(call: MovieCall, movie: Movie, folder: Path) -> None:
    """See that stacks that memory may not hold, and the maps as TIFF and NRRD, fit on the disk."""
    frames, points = movie.count, len(movie.points().frames)
    stacks = 3 * frames if call.step == "prepare" else frames + 3 * len(MAPS) * points
    check_room(folder, _VALUE_BYTES * movie.shape[0] * movie.shape[1] * stacks)


def _lithium(call: MovieCall, number: int, folder: Path, progress: Progress) -> LithiumMovie:
    """Lithium of one input; of frames by way of a folder, so that memory never holds more than one movie."""
    source = call.inputs[number]
    if not call.holds_frames(source):
        return read_lithium(source, call.lithium, progress)
    inner = folder / ("chemistry" if len(call.inputs) == 1 else f"chemistry_{number + 1}")
    inner.mkdir()
    recipe = replace(call.recipe, verb="movie chemistry", together=False)
    run_movie(replace(call, inputs=(source,), recipe=recipe), inner, progress.part(0.0, 0.95))
    return read_lithium(inner, progress=progress.part(0.95, 1.0))


def _find(call: MovieCall, movies: Sequence[LithiumMovie], folder: Path, progress: Progress) -> MovieResult:
    from batterycell.export.movie import MovieResult

    if call.step == "kinetics":
        from batterycell.movie.kinetics import find_kinetics

        seen = find_kinetics(movies[0], call.recipe.kinetics, progress, folder)
        return MovieResult(call.recipe, lithium=tuple(movies), kinetics=seen)
    from batterycell.movie.law import find_law

    law = find_law(movies, call.recipe.law, progress, call.keep)
    keep_search(call.keep, folder)
    return MovieResult(call.recipe, lithium=tuple(movies), law=law)


def read_voltages(files: Sequence[Path], movies: int) -> list[Any]:
    """Voltages over time, as of `read_voltage`, one of each movie; none where none are given.

    Raises:
        UsageError: if there is not one file for each of so many movies.
        InputError: if one holds no voltages.
    """
    from batterycell.movie.law.voltage import read_voltage

    if files and len(files) != movies:
        message = f"{len(files)} files of voltages were given for {movies} movies."
        raise UsageError("voltage-count", message, "Give --voltage FILE once for each movie, in their order")
    return [read_voltage(file) for file in files]


def _beside_voltages(result: MovieResult, voltages: list[Any], sigma_v: float) -> MovieResult:
    from batterycell.movie.law.voltage import with_voltages

    if result.law is None or not voltages:
        return result
    return replace(result, law=with_voltages(result.law, voltages, sigma_v))


def _check_members(call: MovieCall) -> None:
    """End members must be those of the recipe, where frames need them."""
    names = tuple(name for name, _ in call.beside.members)
    if names and all(is_lithium_folder(one) for one in call.inputs):
        message = f"{call.inputs[0]} holds lithium fractions, which need no end members."
        raise UsageError("end-members", message, "Leave --end-member out")
    if call.step == "chemistry" and len(names) < 2:
        raise UsageError("end-members", "Lithium needs two end members.", "Give --end-member NAME=FILE twice")
    if names and call.recipe.members and names != call.recipe.members:
        wanted = ", ".join(call.recipe.members)
        hint = "Give each --end-member NAME=FILE"
        raise UsageError("end-members", f"The recipe wants the end members {wanted}.", hint)
