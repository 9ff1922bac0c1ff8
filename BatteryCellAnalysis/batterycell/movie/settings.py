"""Settings of preparing a movie and of its chemistry, saved as JSON and used again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Noise = Literal["auto", "poisson", "stated"]
Background = Literal["auto", "none", "constant", "linear"]


@dataclass(frozen=True)
class PrepareSettings:
    """How a movie becomes optical density.

    Args:
        beam: Intensity without sample: "auto" for the brightest area, "box R0:R1,C0:C1" for an area in pixels, "file"
            for measured ones that are given beside, "none" where values are optical densities already.
        noise: Where the noise comes from: "poisson" with ``counts_per_unit``, "stated" as ``sigma_od``, "auto" for what
            the file says, else what the sample-free area shows.
        counts_per_unit: Photons of a value of 1.
        sigma_od: Standard deviation of one pixel's optical density in one frame.
        dark: Value without light, subtracted.
        drift: Whether drift is corrected.
        most_drift_px: The longest way a frame may lie off the ones before, in pixels.
        threshold_od: Mean optical density above which a pixel belongs to a particle; 0 finds it.
        min_area_um2: Least area of a particle.
    """

    beam: str = "auto"
    noise: Noise = "auto"
    counts_per_unit: float = 0.0
    sigma_od: float = 0.0
    dark: float = 0.0
    drift: bool = True
    most_drift_px: float = 10.0
    threshold_od: float = 0.0
    min_area_um2: float = 0.05

    def __post_init__(self) -> None:
        if self.noise not in ("auto", "poisson", "stated"):
            raise ValueError(f"noise must be auto, poisson or stated, not {self.noise!r}")
        for name in ("counts_per_unit", "sigma_od", "most_drift_px", "threshold_od", "min_area_um2"):
            value = getattr(self, name)
            if not (isinstance(value, int | float) and 0 <= value < 1e9):
                raise ValueError(f"{name} must be a positive number, not {value!r}")
        for kind, name in (("poisson", "counts_per_unit"), ("stated", "sigma_od")):
            if self.noise == kind and not getattr(self, name):
                raise ValueError(f"noise {kind} needs {name}")


@dataclass(frozen=True)
class ChemistrySettings:
    """How spectra become fractions.

    Args:
        lithium: Lithium per metal of each end member, in their order; None of one that holds no metal, such as carbon.
        background: What absorbs beside them: nothing, the same at every energy, a straight line over energy; "auto"
            takes what the number of energies allows.
        non_negative: Whether amounts in the maps cannot be negative; numbers of particles never use this bound.
        edge_jump: Whether end members are scaled to equal absorption behind the edge, for spectra of unequal amounts.
        least_snr: Amount, in its standard deviations, below which a pixel has no fraction.
    """

    lithium: tuple[float | None, ...] = (0.0, 1.0)
    background: Background = "auto"
    non_negative: bool = True
    edge_jump: bool = False
    least_snr: float = 3.0

    def __post_init__(self) -> None:
        # JSON knows no tuples.
        object.__setattr__(self, "lithium", tuple(self.lithium))
        if self.background not in ("auto", "none", "constant", "linear"):
            raise ValueError(f"background must be auto, none, constant or linear, not {self.background!r}")
        if len({value for value in self.lithium if value is not None}) < 2:
            raise ValueError("two end members need different lithium")
