"""Where the ends of the sheets are read, other than at the edges of the image: labels in a file, or a model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .cylindrical import FOREIGN, FindEnds
from .errors import InputError
from .measured import Stage
from .recipe import AnalyzeRecipe

if TYPE_CHECKING:
    from .orient import Cell
    from .progress import Progress
    from .segment.model.library import Model
    from .tables import Table
    from .volume import Volume
    from .winding import Windings

# The model that comes with the program, and reads ends where no other is named.
SHIPPED_MODEL = "cell-overhang"


def settle_ends(recipe: AnalyzeRecipe) -> AnalyzeRecipe:
    """The recipe with its model by name, version and weights, so that a replay is by the same model or by none.

    Raises:
        InputError: if there is no such model, or if it has other weights than those the recipe asks for.
    """
    if recipe.ends_from != "model":
        return recipe
    model = _find(recipe)
    if recipe.model_sha256 not in ("", model.hash):
        raise InputError(
            "model-changed",
            f"The recipe was made with {recipe.model} of other weights ({recipe.model_sha256[:8]}) than those of "
            f"{model.folder} ({model.hash[:8]}).",
            "Choose the model anew with --model, or import the one of then.",
        )
    return replace(recipe, model=_name(model), model_sha256=model.hash)


def ends_of(recipe: AnalyzeRecipe) -> FindEnds | None:
    """What a recipe asks to read the ends with; None for the edges of the image.

    Raises:
        InputError: as of `settle_ends` and `ends_from_model`.
    """
    return ends_from_model(settle_ends(recipe).model) if recipe.ends_from == "model" else None


def with_ends_note(stages: Sequence[Stage], recipe: AnalyzeRecipe) -> tuple[Stage, ...]:
    """The stages, of which that of the overhang names the model that read it."""
    if recipe.ends_from != "model":
        return tuple(stages)
    note = f"The ends are where the model {recipe.model} sees them (weights {recipe.model_sha256[:8]})."
    return tuple(replace(one, notes=(*one.notes, note)) if one.name == "overhang" else one for one in stages)


def ends_from_labels(path: Path) -> FindEnds:
    """Read them in a segmentation of the cell.

    Args:
        path: A ``.seg.nrrd`` whose segments are named, or a label volume in the wizard's order: background, cathode,
            anode overhang.

    Raises:
        InputError: if it cannot be read, or its names do not tell the cathode and the anode's overhang.
    """
    from .io.segments import read_segments
    from .overhang import LabelClasses, LabelledCell, measure_overhang_labels

    labels, segments = read_segments(path)
    classes = LabelClasses.of_names({one.name: one.value for one in segments}) if segments else LabelClasses()
    labelled = LabelledCell(labels, classes)
    return lambda volume, cell, angles, progress, windings: measure_overhang_labels(
        labelled, cell, angles, progress, windings
    )


def ends_from_model(name: str) -> FindEnds:
    """Let a model segment every half-plane, and read them there.

    Args:
        name: A model's name or folder.

    Raises:
        InputError: if there is no such model, if it does not tell cathode and overhang apart, or if a package is
            missing that it needs.
    """
    from .overhang import LabelClasses
    from .segment.apply.overhang import segment_overhang
    from .segment.model import find_model, load_model

    found = find_model(name)
    # Before anything is loaded: a model of something else is the likelier mistake.
    LabelClasses.of_names({one.name: number for number, one in enumerate(found.info.classes)})
    model = load_model(found.folder)

    def find_ends(volume: Volume, cell: Cell, angles: int, progress: Progress, windings: Windings | None) -> Table:
        try:
            return segment_overhang(volume, cell, model, angles, progress, windings)
        except InputError as error:
            if error.code == FOREIGN:
                error.hint = "Read the ends at the edges of the image (--edges edges), or choose another model."
            raise

    return find_ends


def _find(recipe: AnalyzeRecipe) -> Model:
    """The model of a recipe: that of its weights, of its name, or the one that ships."""
    from .segment.model import find_model
    from .segment.model.library import list_drafts, list_models

    known = list_models()
    alike = [model for model in (*known, *list_drafts()) if model.hash == recipe.model_sha256]
    if alike:
        return alike[0]
    if recipe.model:
        return find_model(recipe.model)
    shipped = [model for model in known if model.kind == "shipped" and model.info.name == SHIPPED_MODEL]
    if not shipped:
        message = f"This installation has no model {SHIPPED_MODEL}."
        raise InputError("model-not-shipped", message, "Name another with --model; batterycell models list shows them.")
    return shipped[0]


def _name(model: Model) -> str:
    """What the library calls a model, or its folder where it does not know it."""
    from .segment.model.library import list_drafts, list_models

    known = [one for one in (*list_models(), *list_drafts()) if one.key.casefold() == model.key.casefold()]
    return model.key if known and known[0].hash == model.hash else str(model.folder)
