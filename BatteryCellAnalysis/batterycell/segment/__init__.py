"""Segmentation: classes, frames, training, models, application, evaluation."""

from .classes import PRESETS, UNKNOWN, SegmentClass, check_classes
from .frames import ROLES, Frame, Role
from .image import Image, Levels
from .samples import Dataset, Sample
from .settings import EFFORTS, TrainSettings

__all__ = [
    "EFFORTS",
    "PRESETS",
    "ROLES",
    "UNKNOWN",
    "Dataset",
    "Frame",
    "Image",
    "Levels",
    "Role",
    "Sample",
    "SegmentClass",
    "TrainSettings",
    "check_classes",
]
