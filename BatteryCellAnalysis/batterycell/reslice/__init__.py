"""Cut a cell along planes that follow its own axis, and unroll it."""

from .around import cut_all_around, cut_half_plane
from .curve import Curve, UnrolledMap
from .half_plane import HalfPlane, sample_half_plane
from .oblique import longitudinal_extent, longitudinal_plane, plane_across_winding
from .sampling import CylinderSampler, voxel_sizes
from .unroll import Unrolled, UnrollSettings, circle, unroll, unroll_around

__all__ = [
    "Curve",
    "CylinderSampler",
    "HalfPlane",
    "UnrollSettings",
    "Unrolled",
    "UnrolledMap",
    "circle",
    "cut_all_around",
    "cut_half_plane",
    "longitudinal_extent",
    "longitudinal_plane",
    "plane_across_winding",
    "sample_half_plane",
    "unroll",
    "unroll_around",
    "voxel_sizes",
]
