"""What counts as a crack, and as a broken particle."""

from __future__ import annotations

from dataclasses import dataclass

from batterycell.errors import UsageError


@dataclass(frozen=True)
class FragmentationSettings:
    """What counts as a crack, and as a broken particle.

    Args:
        dimension: 3 for the volume, 2 for each slice on its own. A single slice is always taken as 2D.
        crack_um: The widest crack; wider gaps lie between particles. None for five voxels in the plane.
        crack_length_um: Only longer cracks make a particle a cracked one; None for twice the widest crack.
        neck: Two particles that touch are two where the neck between them is narrower by this part (`LabelSettings`).
        least_fragment: A fragment holds at least this part of the material of its particle.
        enclosed: At least this part of a crack's surface is the particle's own; of a notch in its outline it is less.
        elongation: A crack is at least so many times longer than wide; what is rounder is a void.
        min_size_um: Particles of a smaller equivalent diameter are left out; None for twice the widest crack.
        bootstrap: Times that particles are drawn again for the intervals.
        seed: Of these draws.

    Raises:
        UsageError: if a value makes no sense.
    """

    dimension: int = 3
    crack_um: float | None = None
    crack_length_um: float | None = None
    neck: float = 0.075
    least_fragment: float = 0.02
    enclosed: float = 0.6
    elongation: float = 3.0
    min_size_um: float | None = None
    bootstrap: int = 500
    seed: int = 1

    def __post_init__(self) -> None:
        _require(self.dimension in (2, 3), "dimension", self.dimension, "2 or 3")
        for name in ("crack_um", "crack_length_um", "min_size_um"):
            value = getattr(self, name)
            _require(value is None or 0 <= value < 1e6, name, value, "a length in µm")
        _require(self.crack_um != 0, "crack_um", self.crack_um, "a width above 0")
        for name in ("neck", "least_fragment", "enclosed"):
            _require(0 <= getattr(self, name) < 1, name, getattr(self, name), "a number from 0 to below 1")
        _require(self.elongation >= 1, "elongation", self.elongation, "1 or more")
        _require(20 <= self.bootstrap <= 100_000, "bootstrap", self.bootstrap, "a number from 20 to 100,000")


def _require(met: bool, name: str, value: object, wanted: str) -> None:
    if not met:
        raise UsageError("fragmentation-setting", f"{name} cannot be {value}.", f"Give {wanted}.")
