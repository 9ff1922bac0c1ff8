"""Applying a model to slices, regions, volumes and folders."""

from .advise import Advice, rank_frames, slice_frames
from .familiar import Familiarity, judge_familiarity, tell_foreign
from .foreign import find_foreign
from .frame import segment_frame
from .predict import Windows, predict_probabilities
from .settings import ApplySettings, Segmented
from .volume import segment_image

__all__ = [
    "Advice",
    "ApplySettings",
    "Familiarity",
    "Segmented",
    "Windows",
    "find_foreign",
    "judge_familiarity",
    "predict_probabilities",
    "rank_frames",
    "segment_frame",
    "segment_image",
    "slice_frames",
    "tell_foreign",
]
