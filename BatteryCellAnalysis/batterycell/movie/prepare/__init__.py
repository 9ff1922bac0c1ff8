"""From intensities to optical density without drift, and where the particles are."""

from .noise import NoiseModel
from .prepare import Given, prepare_movie
from .prepared import Prepared

__all__ = ["Given", "NoiseModel", "Prepared", "prepare_movie"]
