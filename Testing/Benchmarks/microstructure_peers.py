"""What is commonly done to separate particles, on labels closed by the widest crack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from batterycell.phantom.microstructure import Phase
from microstructure_cathodes import Cathode
from numpy.typing import NDArray

Objects = NDArray[Any]


def _closed(made: Cathode) -> NDArray[np.bool_]:
    """Active material, gaps of pore up to the widest crack filled, but for cathodes without cracks."""
    from skimage.morphology import ball, closing, disk

    active = np.squeeze(made.labels == Phase.ACTIVE_MATERIAL)
    if not made.spec.particles.cracked:
        return np.asarray(active)
    radius = round(made.widest_um / made.spec.voxel_um / 2)
    element = disk(radius) if active.ndim == 2 else ball(radius)
    filled = closing(np.pad(active, radius, mode="edge").astype(np.uint8), element) > 0
    filled = filled[(slice(radius, -radius),) * active.ndim]
    return np.asarray(active | filled & np.squeeze(made.labels == Phase.PORE))


def by_skimage(made: Cathode) -> Objects:
    """Peaks of the smoothed distance at least a quarter of the median diameter apart, watershed."""
    from scipy import ndimage
    from skimage.feature import peak_local_max
    from skimage.segmentation import watershed

    closed = _closed(made)
    distance = ndimage.gaussian_filter(ndimage.distance_transform_edt(closed), 1.0)
    apart = round(made.spec.particles.median_um / made.spec.voxel_um / 4)
    peaks = peak_local_max(distance, min_distance=apart, labels=closed.astype(int), exclude_border=False)
    markers = np.zeros(closed.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return np.where(np.squeeze(made.particles > 0), watershed(-distance, markers, mask=closed), 0)


def by_porespy(made: Cathode) -> Objects | None:
    """SNOW (Gostick 2017) with its default settings; None where porespy is not installed."""
    try:
        import porespy
    except ImportError:
        return None
    porespy.settings.tqdm["disable"] = True
    found = porespy.filters.snow_partitioning(_closed(made), r_max=4, sigma=0.4)
    return np.where(np.squeeze(made.particles > 0), found.regions, 0)


PEERS: dict[str, Callable[[Cathode], Objects | None]] = {"scikit-image": by_skimage, "porespy SNOW": by_porespy}
