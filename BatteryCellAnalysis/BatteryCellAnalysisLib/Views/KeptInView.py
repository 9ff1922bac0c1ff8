"""A cell that was moved comes back into the views; one that was not leaves them as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from batterycell.mrml import cell_of, shown_matrix
from batterycell.mrml.volumes import matrix_of

from .CellPlanes import fitViews
from .SliceViews import resetViews

_SAME_MM = 1e-6


@contextmanager
def keptInView(volume: Any) -> Iterator[None]:
    """Fit the views after a change that moved where a volume's voxels are shown; None is no volume."""
    before = _place(volume)
    yield
    after = _place(volume)
    if before is not None and after is not None and np.abs(after - before).max() > _SAME_MM:
        resetViews()
        fitViews(volume, cell_of(volume))


def _place(volume: Any) -> np.ndarray | None:
    return None if volume is None else shown_matrix(volume) @ matrix_of(volume)
