"""What particles that react by a known law are made of, and how they are cycled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Hold = Literal["rate", "potential"]


@dataclass(frozen=True)
class Reaction:
    """∂c/∂t = k(x, y) j0(c) 2 sinh(η / 2) with η = μ_res(t) − μ(c) + κ∇²c.

    Butler-Volmer kinetics of a regular solution (Bazant, Acc. Chem. Res. 46, 2013, 1144), depth-averaged as in a
    platelet seen along its channels. j0 = a cᵖ(1 − c)^q; p = ½ and q = 1 are what coupled ion-electron transfer
    leaves where the overpotential is small against the reorganisation energy: one site must be free for the
    transition state (Fraggedakis et al., Electrochim. Acta 367, 2021, 137432), so that inserting slows down as
    particles fill.

    Args:
        omega_kt: Ω of μ = ln(c / (1 − c)) + Ω(1 − 2c), in kT; above 2 phases separate.
        gradient_kt_um2: κ in kT µm².
        j0_per_h: a in 1/h.
        powers: p and q.
    """

    omega_kt: float = 3.0
    gradient_kt_um2: float = 0.01
    j0_per_h: float = 4.0
    powers: tuple[float, float] = (0.5, 1.0)


@dataclass(frozen=True)
class Heterogeneity:
    """k(x, y): log-normal, of geometric mean 1 over all pixels.

    Args:
        contrast: Least and largest standard deviation of ln k; each particle draws its own.
        length_um: Least and largest length over which ln k varies (standard deviation of a Gaussian covariance).
        edge: What ln k gains at the outline, and
        edge_um: over which depth that fades.
        between: Standard deviation of the particles' mean ln k.
    """

    contrast: tuple[float, float] = (0.35, 0.5)
    length_um: tuple[float, float] = (0.25, 0.4)
    edge: float = 0.0
    edge_um: float = 0.1
    between: float = 0.0


@dataclass(frozen=True)
class Platelets:
    """Particles of irregular outline.

    Args:
        count: How many in each movie.
        size_px: Longest extent.
        slenderness: Least and largest share of it that the short axis has.
        unevenness: Relative standard deviation of the thickness.
        margin_px: Empty pixels around each, beside the room that drift needs.
    """

    count: int = 1
    size_px: int = 60
    slenderness: tuple[float, float] = (0.6, 1.0)
    unevenness: float = 0.08
    margin_px: int = 3


@dataclass(frozen=True)
class Cycling:
    """How each particle is led.

    Args:
        c_rates: One movie each; in 1/h.
        half_cycles: Of each movie, insertion first, then extraction, and so on; each lasts ``swing`` / C-rate, whole
            intervals. Where a stated interval leaves points behind the last, they show the particle at rest.
        start: Mean fraction at the beginning; ± a third of it from place to place.
        swing: By how much the mean fraction changes in a half cycle.
        hold: "rate" leads every particle at the C-rate, as its share of a constant current; "potential" keeps μ_res.
        drive_kt: By how much μ_res then lies above (insertion) and below (extraction) the mean over c.
    """

    c_rates: tuple[float, ...] = (1.0,)
    half_cycles: int = 2
    start: float = 0.08
    swing: float = 0.82
    hold: Hold = "rate"
    drive_kt: float = 2.0


@dataclass(frozen=True)
class LawSpec:
    """Movies of particles that react by one law.

    Args:
        reaction: The law.
        heterogeneity: How k varies.
        platelets: The particles.
        cycling: What is done to them.
        frames: Points in time of each movie.
        interval_s: Time between two of them; None so that the half cycles fill the movie.
        pixel_um: Edge of a pixel.
        sigma: Standard deviation of a fraction's noise; 0.07 as Zhao et al. (Nature 621, 2023, 289) found.
        thickness_noise: Whether thin places are noisier: σ is that of the mean amount.
        same_particles: Whether all movies show the same particles.
        refine: Cells of the computation along a pixel's edge.
        tolerance: Of fractions, of each step in time.
    """

    reaction: Reaction = field(default_factory=Reaction)
    heterogeneity: Heterogeneity = field(default_factory=Heterogeneity)
    platelets: Platelets = field(default_factory=Platelets)
    cycling: Cycling = field(default_factory=Cycling)
    frames: int = 30
    interval_s: float | None = None
    pixel_um: float = 0.05
    sigma: float = 0.07
    thickness_noise: bool = False
    same_particles: bool = True
    refine: int = 2
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        from .checks import check_spec

        check_spec(self)

    @property
    def cell_um(self) -> float:
        """Edge of a cell of the computation in µm."""
        return self.pixel_um / self.refine
