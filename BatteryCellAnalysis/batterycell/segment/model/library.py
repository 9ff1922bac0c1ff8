"""The library of models: listed, searched, found by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from batterycell.errors import BatteryCellError, InputError

from .bundle import model_hash, read_info
from .contents import is_model
from .info import ModelInfo
from .naming import version_order
from .places import drafts_folder, library_folder, shipped_folders


@dataclass(frozen=True)
class Model:
    """A model of the library.

    Args:
        info: What it says of itself.
        folder: Where it lies.
        hash: SHA-256 of its weights.
        kind: "own", "shipped" with the program, "draft" (not published yet), or "elsewhere" (outside the library).
    """

    info: ModelInfo
    folder: Path
    hash: str
    kind: str

    @property
    def key(self) -> str:
        """What it is called in commands: ``name@version``."""
        return f"{self.info.name}@{self.info.version}"


@dataclass(frozen=True)
class Broken:
    """A folder of the library that cannot be used.

    Args:
        folder: The folder.
        problem: Why, in a sentence.
    """

    folder: Path
    problem: str


def list_models() -> list[Model]:
    """The models that can be applied, by name, newest version first; the user's own stand before shipped ones."""
    found: dict[str, Model] = {}
    for model in _models():
        found.setdefault(model.key.casefold(), model)
    newest_first = sorted(found.values(), key=lambda model: version_order(model.info.version), reverse=True)
    return sorted(newest_first, key=lambda model: model.info.name.casefold())


def list_drafts() -> list[Model]:
    """The trained models that were not published yet, the latest first."""
    drafts = [entry for entry in _read_all(drafts_folder(), "draft") if isinstance(entry, Model)]
    return sorted(drafts, key=lambda model: model.info.created, reverse=True)


def list_broken() -> list[Broken]:
    """The folders of the library that are damaged, and why."""
    folders = ((library_folder(), "own"), (drafts_folder(), "draft"))
    return [entry for place, kind in folders for entry in _read_all(place, kind) if isinstance(entry, Broken)]


def search_models(words: str, models: Iterable[Model] | None = None) -> list[Model]:
    """The models in whose name, classes, channels, description or licence every word occurs.

    Args:
        words: Words or parts of words, in capital or small letters.
        models: Where to look; None for the library.
    """
    wanted = words.casefold().split()
    return [model for model in (list_models() if models is None else models) if _holds(model.info, wanted)]


def find_model(name: str | Path) -> Model:
    """The model of a name, ``name@version``, or folder.

    Args:
        name: A name without version is the newest of that name; drafts are found once no published model has it.

    Raises:
        InputError: if there is none, or if it is damaged.
    """
    folder, text = Path(name), str(name).strip().casefold()
    if is_model(folder):
        return open_model(folder)
    if folder.suffix.lower() == ".zip" and folder.is_file():
        raise InputError("model-packed", f"{folder} is packed.", f"Import it first: batterycell models import {folder}")
    known = [*list_models(), *list_drafts()]
    found = [model for model in known if text in (model.key.casefold(), model.info.name.casefold())]
    if not found:
        raise _unknown(str(name), known)
    return found[0]


def open_model(folder: Path) -> Model:
    """The model in a folder.

    Raises:
        InputError: if it is none, or if it is damaged.
    """
    folder = Path(folder).absolute()
    return Model(read_info(folder), folder, model_hash(folder), _kind(folder))


def _models() -> Iterator[Model]:
    places = [(library_folder(), "own"), *((place, "shipped") for place in shipped_folders())]
    for place, kind in places:
        yield from (entry for entry in _read_all(place, kind) if isinstance(entry, Model))


def _read_all(place: Path, kind: str) -> Iterator[Model | Broken]:
    """The models of a folder; one that is damaged must not hide the others."""
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        if folder.name.startswith(".") or not is_model(folder):
            continue
        try:
            yield Model(read_info(folder), folder, model_hash(folder), kind)
        except (BatteryCellError, OSError) as error:
            yield Broken(folder, str(error))


def _kind(folder: Path) -> str:
    places = {library_folder(): "own", drafts_folder(): "draft", **dict.fromkeys(shipped_folders(), "shipped")}
    return next((kind for place, kind in places.items() if folder.parent.resolve() == place.resolve()), "elsewhere")


def _holds(info: ModelInfo, words: list[str]) -> bool:
    classes = (one.name for one in info.classes)
    text = " ".join((info.name, info.description, info.licence, *classes, *info.channel_names)).casefold()
    return all(word in text for word in words)


def _unknown(name: str, known: list[Model]) -> InputError:
    near = difflib.get_close_matches(name, [model.info.name for model in known], 1, 0.5)
    hint = f"Did you mean {near[0]}?" if near else "batterycell models list shows what there is."
    return InputError("model-unknown", f"There is no model {name}.", hint)
