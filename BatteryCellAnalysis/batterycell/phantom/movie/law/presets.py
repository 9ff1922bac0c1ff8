"""Named reactions and ways of cycling."""

from __future__ import annotations

from batterycell.errors import UsageError

from .settings import Cycling, Heterogeneity, LawSpec, Platelets, Reaction

PRESETS: dict[str, LawSpec] = {
    "separating": LawSpec(cycling=Cycling(c_rates=(0.6,))),
    "solid-solution": LawSpec(Reaction(omega_kt=1.0)),
    "rates": LawSpec(cycling=Cycling(c_rates=(0.3, 0.6, 1.2, 2.0)), frames=24),
    "many": LawSpec(
        platelets=Platelets(count=20, size_px=40), cycling=Cycling(c_rates=(0.6, 1.2, 2.0)), same_particles=False
    ),
    "edges": LawSpec(heterogeneity=Heterogeneity(contrast=(0.2, 0.3), edge=0.8), cycling=Cycling(c_rates=(0.6,))),
    "potential": LawSpec(cycling=Cycling(c_rates=(1.0,), hold="potential", drive_kt=1.5)),
    "small": LawSpec(platelets=Platelets(size_px=24), frames=15),
}


def law_preset(name: str) -> LawSpec:
    """A named movie.

    Raises:
        UsageError: if nothing has this name.
    """
    if name not in PRESETS:
        raise UsageError("unknown-preset", f"There is no preset {name!r}.", f"Presets: {', '.join(PRESETS)}")
    return PRESETS[name]
