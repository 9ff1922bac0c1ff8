"""Particles and fragments against the truth: what is compared, and its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from microstructure_cathodes import Counted

IMAGE, VOLUME = (1, 768, 768), (112, 112, 112)
# Names of kinds: whether there are cracks, the shape.
KINDS = {
    "2D, whole": (False, IMAGE),
    "2D, cracked": (True, IMAGE),
    "3D, whole": (False, VOLUME),
    "3D, cracked": (True, VOLUME),
}


@dataclass(frozen=True)
class Compared:
    """One cathode, separated by one method."""

    kind: str
    method: str
    truth: Counted
    found: Counted


@dataclass(frozen=True)
class Fragments:
    """One cathode: shares in percent."""

    kind: str
    broken: float
    half: float
    true_broken: float
    crack: float
    true_crack: float


def report_particles(compared: list[Compared]) -> None:
    """Counts, sizes and broken shares, all seeds together and seed by seed."""
    print(
        f"\n{date.today()}, particles of cathodes with 60 % packing, all seeds together (mean of seeds' deviations)\n"
    )
    print("| | method | particles | count | D50 by number | D50 by volume | broken: true | broken: off by (points) |\n|"
          + "---|" * 8)  # fmt: skip
    for kind in KINDS:
        for method in dict.fromkeys(one.method for one in compared):
            some = [one for one in compared if (one.kind, one.method) == (kind, method)]
            print(f"| {kind} | {method} | {sum(len(one.truth.sizes) for one in some)} | {_counts(some)} | "
                  + " | ".join(_sizes(some, n) for n in (0, 1)) + f" | {_broken(some)} |")  # fmt: skip


def _counts(some: list[Compared]) -> str:
    true, found = (np.array([len(getattr(one, what).sizes) for one in some]) for what in ("truth", "found"))
    return f"{100 * (found.sum() / true.sum() - 1):+.1f} % ({100 * np.mean(np.abs(found / true - 1)):.1f})"


def _sizes(some: list[Compared], which: int) -> str:
    ratio = np.array([one.found.d50[which] / one.truth.d50[which] for one in some])
    return f"{100 * (ratio.mean() - 1):+.1f} % ({100 * np.mean(np.abs(ratio - 1)):.1f})"


def _broken(some: list[Compared]) -> str:
    true, found = (np.concatenate([getattr(one, what).broken for one in some]) for what in ("truth", "found"))
    each = np.mean([abs(one.truth.broken.mean() - one.found.broken.mean()) for one in some])
    return f"{100 * true.mean():.1f} % | {100 * (found.mean() - true.mean()):+.1f} ({100 * each:.1f})"


def report_fragments(fragments: list[Fragments]) -> None:
    """Shares as the stage reports them: particles off the border, weighted for those on it."""
    print(f"\n{date.today()}, fragmentation as reported\n")
    print("| | broken: true | found | off by (points) | held by the interval | crack fraction: true | found |\n|"
          + "---|" * 7)  # fmt: skip
    for kind in KINDS:
        some = [one for one in fragments if one.kind == kind]
        error = np.array([one.broken - one.true_broken for one in some])
        held = np.mean([abs(one.broken - one.true_broken) <= one.half for one in some])
        names = ("true_broken", "broken", "true_crack", "crack")
        broken, found, crack, seen = (np.mean([getattr(one, name) for one in some]) for name in names)
        print(f"| {kind} | {broken:.1f} % | {found:.1f} % | {error.mean():+.1f} ({np.abs(error).mean():.1f}) "
              f"| {100 * held:.0f} % | {crack:.1f} % | {seen:.1f} % |")  # fmt: skip
