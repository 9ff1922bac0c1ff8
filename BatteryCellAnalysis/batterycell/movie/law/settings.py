"""Settings of learning the reaction's law, saved as JSON and used again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Reaction = Literal["butler-volmer", "marcus-hush-chidsey", "linear"]
Reservoir = Literal["each particle", "movie"]
LeftOut = Literal["spread", "last"]
Uncertainty = Literal["laplace", "ensemble", "none"]
MOST_DEGREE = 12
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


@dataclass(frozen=True)
class LawSettings:
    """How ∂c/∂t = k(x, y) · j0(c) · f(μ_res − μ(c) + κ∇²c) is learned from movies.

    Args:
        reaction: f(η): "butler-volmer" 2 sinh(η/2), "marcus-hush-chidsey", "linear" η; all have the slope 1 at 0.
        reorganisation_kt: Reorganisation energy of "marcus-hush-chidsey" in kT.
        reservoir: What holds the lithium: "each particle" has a potential of its own, so that its mean rate is that of
            its mean composition; "movie" has one for all its particles.
        gradient_kt_um2: κ in kT µm²; None finds it.
        degree: Highest Legendre polynomial of μ(c) and of ln j0(c).
        hold_out: Points in time that are left out and predicted: a share below 1, or their number; 0 for none.
        left_out: Which ones: "spread" over the movie, or the "last".
        uncertainty: "laplace": the posterior about its maximum as a normal distribution; "ensemble": searches from
            perturbed data and priors; "none": values only.
        same_particles: Whether all movies show the same particles at the same places, so that they share k.
        samples: Draws from the posterior, from which the uncertainty of k is computed; searches of an ensemble.
        rounds: Most rounds of finding the scatter and length of ln k and of the noise from the movies themselves.
        iterations: Most Gauss-Newton steps of a round.
        device: "auto", "cpu", "cuda" or "cuda:N".
        seed: Of the draws.
    """

    reaction: Reaction = "butler-volmer"
    reorganisation_kt: float = 8.0
    reservoir: Reservoir = "each particle"
    gradient_kt_um2: float | None = None
    degree: int = 5
    hold_out: float = 0.1
    left_out: LeftOut = "spread"
    uncertainty: Uncertainty = "laplace"
    same_particles: bool = False
    samples: int = 32
    rounds: int = 4
    iterations: int = 30
    device: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        _check_choices(self)
        _check_numbers(self)


def _check_choices(settings: LawSettings) -> None:
    choices = {"reaction": Reaction, "reservoir": Reservoir, "left_out": LeftOut, "uncertainty": Uncertainty}
    for name, kind in choices.items():
        if getattr(settings, name) not in get_args(kind):
            raise ValueError(f"{name} must be {', '.join(get_args(kind))}, not {getattr(settings, name)!r}")
    if not _DEVICE.fullmatch(settings.device):
        raise ValueError(f"device must be auto, cpu, cuda or cuda:N, not {settings.device!r}")


def _check_numbers(settings: LawSettings) -> None:
    bounds = {
        "reorganisation_kt": (0.5, 100.0),
        "degree": (1, MOST_DEGREE),
        "hold_out": (0, 10_000),
        "samples": (4, 1000),
        "rounds": (1, 20),
        "iterations": (1, 500),
    }
    for name, (least, most) in bounds.items():
        value = getattr(settings, name)
        if not (isinstance(value, int | float) and least <= value <= most):
            raise ValueError(f"{name} must be between {least} and {most}, not {value!r}")
    if settings.gradient_kt_um2 is not None and not 0 <= settings.gradient_kt_um2 < 1e6:
        raise ValueError(f"gradient_kt_um2 must not be negative, not {settings.gradient_kt_um2!r}")
