"""End members travel with their recipe: spectra are small, and files elsewhere come and go."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from batterycell.errors import InputError
from batterycell.movie.recipe import MovieRecipe, load_movie_recipe
from batterycell.provenance import sha256

FOLDER, INDEX = "end_members", "end_members.json"
Members = tuple[tuple[str, Path], ...]


def keep_members(members: Members, inputs: Sequence[Path], folder: Path) -> None:
    """Copy the spectra that a result was made with into its folder, as they are, with their checksums.

    Args:
        members: Names and files; none where lithium was read, then those of the inputs' own folders are taken.
        inputs: The movies.
        folder: The result folder.
    """
    members = members or next((found for one in inputs if (found := kept_members(one))), ())
    if not members:
        return
    place = folder / FOLDER
    place.mkdir()
    index = {}
    for number, (name, path) in enumerate(members, 1):
        copy = place / f"{number}_{path.name}"
        shutil.copyfile(path, copy)
        index[name] = {"file": copy.name, "sha256": sha256(copy)}
    (place / INDEX).write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def kept_members(folder: Path) -> Members:
    """The spectra in a result folder; none where it keeps none.

    Raises:
        InputError: if one is missing, or is not the file that was kept.
    """
    path = folder / FOLDER / INDEX
    if not path.is_file():
        return ()
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        found = tuple(
            (str(name), _checked(path.parent / Path(one["file"]).name, one["sha256"])) for name, one in index.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("end-members", f"{path} cannot be read.", "Give --end-member NAME=FILE for each.") from error
    return found


def _checked(path: Path, wanted: str) -> Path:
    if not path.is_file() or sha256(path) != wanted:
        message = f"{path} is not the spectrum that this result was made with."
        raise InputError("end-members", message, "Give --end-member NAME=FILE for each.")
    return path


def kept_recipe(recipe: MovieRecipe, inputs: Sequence[Path]) -> MovieRecipe:
    """A recipe with the settings by which the lithium of its inputs was found, where all were found alike.

    A recipe of kinetics from a folder of chemistry so holds the whole road, and goes it again on the next frames.
    That of a law says whether it was learned from several movies.
    """
    recipe = replace(recipe, together=len(inputs) > 1)
    if recipe.members:
        return recipe
    paths = [one / "recipe.json" for one in inputs]
    if not all(path.is_file() for path in paths):
        return recipe
    first, *others = (load_movie_recipe(path) for path in paths)
    if any(
        (one.prepare, one.chemistry, one.members) != (first.prepare, first.chemistry, first.members) for one in others
    ):
        return recipe
    return replace(recipe, prepare=first.prepare, chemistry=first.chemistry, members=first.members)
