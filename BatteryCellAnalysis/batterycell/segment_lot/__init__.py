"""A lot of images through one model, as the command line, a cluster and the desktop's worker call it."""

from .lot import segment_lot, segment_one
from .settings import SegmentLot

__all__ = ["SegmentLot", "segment_lot", "segment_one"]
