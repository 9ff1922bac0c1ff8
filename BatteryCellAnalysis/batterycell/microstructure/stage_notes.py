"""What must be told beside the numbers of a microstructure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .connectivity import Connection
from .fractions import Fraction
from .representativity_cells import Cells
from .sizes import FEWEST, Objects

# With fewer independent places in the image, its interval itself rests on little.
_FEW_SAMPLES = 20
_FEW_OBJECTS, _FEW_BODIES = 30, 100
_FEW_VOXELS = 10


def note_given(voxels: int, found: Mapping[int, Fraction], doubt: bool) -> Iterator[str]:
    """What was not labelled, which classes are missing, whether segmentation counts."""
    labelled = sum(one.voxels for one in found.values())
    if labelled < voxels:
        share = 100 * (1 - labelled / voxels)
        yield (
            f"{share:.2g} % of the voxels have no named class: shares are of the others, while surfaces and chords end "
            "there as at any other class."
        )
    missing = [one.name for one in found.values() if not one.voxels]
    if missing:
        yield f"No voxel is {' or '.join(missing)}: nothing was measured of it."
    if len(found) - len(missing) == 1 and labelled == voxels:
        yield "All labelled voxels are of one class: its share elsewhere cannot be told from them, nor surfaces."
    if doubt:
        yield "The model's doubt is in the intervals of fractions and ratios; the others are those of the imaged size."
    else:
        yield "Nobody says how sure the segmentation is: intervals are those of the imaged size alone."


def note_fractions(found: Mapping[int, Fraction], cells: Cells) -> Iterator[str]:
    """Images that are too small for their structure."""
    extent = np.array(cells.shape)
    for one in found.values():
        spread = one.sampling.spread
        if spread is None or not spread.variance > 0:
            continue
        total = one.voxels / one.sampling.value
        samples = one.sampling.value * (1 - one.sampling.value) * total**2 / spread.variance
        wide = (spread.lengths > extent / 2) & (extent > 1)
        if wide.any():
            axes = ", ".join("zyx"[axis] for axis in np.flatnonzero(wide))
            yield (
                f"The structure of {one.name} is about as coarse as the image is large (along {axes}): its interval is "
                "wide, and itself uncertain. Image a larger part."
            )
        elif samples < _FEW_SAMPLES:
            yield f"The image holds only about {samples:.0f} independent places of {one.name}: its interval is wide."


def note_connections(found: Sequence[Connection], dimension: int) -> Iterator[str]:
    """What percolates nowhere, and what sections cannot show."""
    for one in found:
        axes = [axis for (axis, kind), share in one.shares.items() if kind == "through" and share.value == 0]
        if axes:
            yield f"Nothing of {one.name} is connected through the image along {', '.join(axes)}."
    if dimension == 2:
        yield (
            "Connections and tortuosity factors are those of the section: in space, far more is connected, and paths "
            "are shorter."
        )


def note_sizes(objects: Sequence[Objects], voxel_um: float) -> Iterator[str]:
    """Distributions of few objects, and of small ones; ``voxel_um`` is the smallest edge of a voxel."""
    for one in objects:
        count = len(one.sizes)
        border = f", {one.left_out} on the border" if one.left_out else ""
        if count < FEWEST:
            yield f"{one.name} has {count} whole objects{border}: too few for intervals of their sizes."
        elif count < _FEW_OBJECTS:
            yield f"The sizes of {one.name} rest on {count} whole objects only{border}: read them with their intervals."
        elif one.dimension == 3 and count < _FEW_BODIES:
            yield (
                f"The sizes of {one.name} rest on {count} whole objects{border}: where these differ much in size, "
                "intervals of D90 by volume and of Sauter's mean are too narrow."
            )
        width = float(np.median(one.sizes)) / voxel_um if count else np.inf
        if width < _FEW_VOXELS:
            yield (
                f"The median object of {one.name} is {width:.1f} voxels wide: sizes then hang on where its outline and "
                "its necks are drawn, which is not in their intervals."
            )
