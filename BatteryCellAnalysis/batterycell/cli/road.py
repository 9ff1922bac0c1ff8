"""The main job from a file to a result folder, as the verbs for one cell and for many call it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.output import check_room, result_folder
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe

if TYPE_CHECKING:
    from batterycell.io import LoadOptions

# The scene's file is packed from an unpacked copy beside it.
_SCENE_COPIES = 2
_PICTURES_BYTES = 20_000_000


def measure_file(
    source: Path, out: Path, recipe: AnalyzeRecipe, call: tuple[LoadOptions, list[str], bool], progress: Progress
) -> dict[str, Any]:
    """Measure one image and write its result folder, whole or not at all.

    Args:
        source: The image.
        out: The result folder to be.
        recipe: The settings.
        call: How to read the image, the words of the command line, and whether an older result may be replaced.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary.
    """
    from batterycell.io import load_volume
    from batterycell.pipeline import analyze, write_results
    from batterycell.provenance import Sources, input_files

    options, words, overwrite = call
    with result_folder(out, overwrite) as folder:
        progress.report(0.0, "reading the cell")
        volume = load_volume(source, options, progress.part(0.0, 0.05))
        check_room(folder, _SCENE_COPIES * volume.array.nbytes + _PICTURES_BYTES)
        result = analyze(volume, recipe, progress.part(0.05, 0.75))
        command = shlex.join(["batterycell", *words])
        sources = Sources(input_files(source), command, reading=options.to_json())
        return write_results(result, folder, sources, progress.part(0.75, 1.0))
