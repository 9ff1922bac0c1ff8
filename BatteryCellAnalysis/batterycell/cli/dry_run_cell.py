"""``--dry-run`` of ``analyze`` and its stages: the pieces of one cell, their memory and time, from its header."""

from __future__ import annotations

from math import ceil, prod
from pathlib import Path
from typing import TYPE_CHECKING

from batterycell.recipe import STAGES, AnalyzeRecipe

from .options import run_folder

if TYPE_CHECKING:
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io import LoadOptions

# docs/figures.md, "On a cluster": seconds of a processor for 500³ and 1000³ voxels at 360 angles.
_ALONE_S, _ALONE_S_A_VOXEL = 5.4, 11e-9
_PIECES_S, _PIECES_S_A_VOXEL = 36.0, 148e-9
# Of that, the overhang (36 of 56 s of `analyze` at 500³) and the inclusions (2 s there, some 40 ns a voxel at 2000³);
# what is left is the can, the windings, and drawing everything.
_OVERHANG, _INCLUSIONS_S_A_VOXEL = 0.6, 30e-9
_KNOWN = (
    "docs/figures.md: generated cells of 500 and 1000 voxels along each side, 360 angles, in seconds of one processor; "
    "not measured here. Pieces: of a can that fills the image"
)
# Of the program, and of a block of half-planes or a part of the roll with what follows from it.
_BASE_BYTES, _PIECE_BYTES, _HELD_BYTES = 0.4e9, 0.9e9, 1.5e9
_SCENE_COPIES, _PICTURES_BYTES = 2, 20e6
# A block of half-planes, `overhang.edges.measure`: samples, two a voxel, over 5 mm at each of two ends.
_BLOCK_SAMPLES, _ENDS, _REACH_MM, _A_VOXEL = 4_000_000, 2, 5.0, 2
_TYPICAL_CAN_MM = 20.0
# Parts of the roll, of which one has 20 million samples at most, and each turn at least one.
_PARTS_A_VOXEL, _FEWEST_PARTS = 4e-8, 20


def cell_dry_run(cell: Path, out: Path, recipe: AnalyzeRecipe, options: LoadOptions, workers: int) -> DryRun:
    """What it would take to measure one cell.

    Args:
        cell: The image.
        out: The result folder to be.
        recipe: The settings.
        options: How the image is read.
        workers: How many workers there would be.

    Raises:
        InputError: if it is no image.
    """
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io.binning import binned_shape
    from batterycell.io.estimate import estimate

    found = estimate(cell, options)
    shape, size = binned_shape(found.shape, options.step), found.bytes_at(options.step)
    voxels, pieces = prod(shape), _pieces(shape, recipe, options)
    return DryRun(
        pieces,
        "pieces of one cell",
        voxels,
        _BASE_BYTES + _PIECE_BYTES + min(size, _HELD_BYTES),
        size + _written(size, recipe),
        [_seconds(voxels, recipe) / pieces] * pieces,
        workers,
        _KNOWN,
        _notes(out, recipe),
        _ALONE_S + _ALONE_S_A_VOXEL * voxels,
    )


def _is_whole(recipe: AnalyzeRecipe) -> bool:
    """Whether everything is measured, and a scene is written; a stage on its own writes none."""
    return recipe.stages == STAGES


def _written(size: int, recipe: AnalyzeRecipe) -> float:
    """Bytes of a result folder beside the unpacked voxels, of so many bytes."""
    from batterycell.mrml.lessened import LARGEST_SCENE_BYTES

    copies = _SCENE_COPIES if _is_whole(recipe) else 0
    return copies * min(size, LARGEST_SCENE_BYTES) + _PICTURES_BYTES


def _seconds(voxels: int, recipe: AnalyzeRecipe) -> float:
    """Seconds of what can be done side by side."""
    everything, inclusions = _PIECES_S + _PIECES_S_A_VOXEL * voxels, _INCLUSIONS_S_A_VOXEL * voxels
    overhang = _OVERHANG * everything
    rest = everything - overhang - inclusions if _is_whole(recipe) else 0.0
    turned = overhang * recipe.angles / AnalyzeRecipe().angles if "overhang" in recipe.stages else 0.0
    return rest + turned + (inclusions if "inclusions" in recipe.stages else 0.0)


def _pieces(shape: tuple[int, ...], recipe: AnalyzeRecipe, options: LoadOptions) -> int:
    """About how many pieces the stages have: blocks of half-planes, parts of the roll, the can, the windings."""
    across = min(shape[1:])
    z_um = options.voxel_size_um[0] * options.step if options.voxel_size_um else 1e3 * _TYPICAL_CAN_MM / across
    heights = min(_A_VOXEL * shape[0], _A_VOXEL * 1e3 * _REACH_MM / z_um)
    blocks = max(1, min(ceil(recipe.angles * heights * across / _BLOCK_SAMPLES), recipe.angles // 6))
    parts = max(_FEWEST_PARTS, round(_PARTS_A_VOXEL * prod(shape)))
    counts = {"overhang": _ENDS * blocks, "inclusions": parts, "can": 1, "winding": 1}
    return sum(count for name, count in counts.items() if name in recipe.stages)


def _notes(out: Path, recipe: AnalyzeRecipe) -> list[str]:
    """What is otherwise than usual, for people."""
    kept = run_folder(out, fresh=False)
    told = (
        (
            kept.is_dir(),
            f"{kept} keeps what an earlier start did: it is not done again, if files and settings are the same.",
        ),
    )
    return [sentence for is_so, sentence in told if is_so]
