"""Pictures of the kinetics that are seen: curves, both directions compared, movies of maps."""

from .animation import Animation, shown_points, write_animation
from .compared import compared_figure
from .curves import rate_figure

__all__ = ["Animation", "compared_figure", "rate_figure", "shown_points", "write_animation"]
