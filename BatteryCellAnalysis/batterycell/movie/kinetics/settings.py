"""Settings of the kinetics that are seen."""

from __future__ import annotations

from dataclasses import dataclass

_RANGES = {
    "window": (2, 1000),
    "order": (1, 3),
    "smooth_um": (0.0, 100.0),
    "level": (0.05, 0.95),
    "least_composition": (0.001, 0.4),
    "bins": (2, 50),
}


@dataclass(frozen=True)
class KineticsSettings:
    """How rates and fronts come from lithium over time.

    Args:
        window: Points in time of the local fit whose slope is the rate.
        order: Of the local polynomial: 1 a line, 2 a parabola.
        smooth_um: Standard deviation of the Gaussian with which rates are smoothed within particles, in µm; 0 for none.
        level: Lithium fraction whose crossing is the front.
        least_composition: Mean fraction from 0, and from 1, below which uniformity is not defined well.
        bins: Compositions between 0 and 1 at which both directions are compared.
    """

    window: int = 7
    order: int = 2
    smooth_um: float = 0.0
    level: float = 0.5
    least_composition: float = 0.05
    bins: int = 9

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            whole = name in ("window", "order", "bins")
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
                raise ValueError(f"{name} must be a number, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")
        if self.window <= self.order:
            raise ValueError(f"a window of {self.window} points is too short for the order {self.order}")
