"""What to label next."""

from .advice import Advice, rank_frames, slice_frames

__all__ = ["Advice", "rank_frames", "slice_frames"]
