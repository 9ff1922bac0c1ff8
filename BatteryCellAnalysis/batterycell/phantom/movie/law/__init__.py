"""Generated movies of particles that react by a law that is known exactly."""

from .camera import Camera, film_law
from .factory import LawPhantom, make_law_movies
from .presets import PRESETS, law_preset
from .settings import Cycling, Heterogeneity, LawSpec, Platelets, Reaction

__all__ = [
    "PRESETS",
    "Camera",
    "Cycling",
    "Heterogeneity",
    "LawPhantom",
    "LawSpec",
    "Platelets",
    "Reaction",
    "film_law",
    "law_preset",
    "make_law_movies",
]
