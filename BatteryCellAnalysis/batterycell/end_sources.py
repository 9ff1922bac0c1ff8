"""Where the ends of the sheets are read, other than at the edges of the image: labels in a file, or a model's."""

from __future__ import annotations

from pathlib import Path

from .cylindrical import FindEnds


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
        InputError: if there is no such model, or a package is missing that it needs.
    """
    from .segment.apply.overhang import segment_overhang
    from .segment.model import find_model, load_model
    from .segment.needs import require_packages

    require_packages()
    model = load_model(find_model(name).folder)
    return lambda volume, cell, angles, progress, windings: segment_overhang(
        volume, cell, model, angles, progress, windings
    )
