"""From labels to objects and the numbers of an electrode, as the command line, a cluster and the desktop call it."""

from .asked import Asked, Engine
from .file import LabelFile
from .road import measure_objects

__all__ = ["Asked", "Engine", "LabelFile", "measure_objects"]
