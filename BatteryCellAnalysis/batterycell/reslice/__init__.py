"""Cut a cell along planes that follow its own axis."""

from .half_plane import HalfPlane, sample_half_plane

__all__ = ["HalfPlane", "sample_half_plane"]
