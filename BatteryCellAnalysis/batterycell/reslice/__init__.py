"""Cut a cell along planes that follow its own axis."""

from .half_plane import HalfPlane, interpolate, sample_half_plane

__all__ = ["HalfPlane", "interpolate", "sample_half_plane"]
