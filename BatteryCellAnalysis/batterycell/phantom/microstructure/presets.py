"""Named electrodes and microscopes."""

from __future__ import annotations

from dataclasses import replace

from batterycell.errors import UsageError

from .microscope import Microscope
from .settings import Binder, Microstructure, Particles

Look = tuple[Microstructure, Microscope]

# Fractions of the three-phase labels of a cathode's SEM image: pore 14 %, active material 58 %, carbon-binder 27 %.
_CATHODE = Microstructure()
# Those of an NMC electrode from tomography with numerically added binder: 40 %, 50 %, 10 %.
_POROUS = Microstructure(
    Particles(fraction=0.5, median_um=6.0, largest_um=18.0, crack_um=0.6, void_um=0.6, voids=0.004),
    Binder(fraction=0.1, porosity=0.0, pore_um=2.0, clump_um=3.0, affinity=3.0),
    voxel_um=0.3,
)
# Calendered: particles fill 60 % and touch without merging, some broken.
_PACKED = Microstructure(
    Particles(fraction=0.6, spread=0.3, aspect=0.85, lumps=0.03, cracked=0.3, crack_um=0.2, void_um=0.3, settled=True),
    Binder(fraction=0.15),
    voxel_um=0.1,
    variation=0.0,
)
_TOMOGRAPH = Microscope(
    greys=(84.0, 168.0, 102.0, 116.0),
    textures=(2.0, 4.0, 3.0, 4.0),
    edge=0.0,
    shine=0.0,
    blur=0.9,
    deep=True,
    curtain=0.0,
    charging=0.0,
    shading=0.03,
    noise=6.0,
    shot=0.1,
    gain_variation=0.08,
    offset_variation=4.0,
)

PRESETS: dict[str, Look] = {
    "cathode": (_CATHODE, Microscope()),
    "cathode-additive": (
        replace(_CATHODE, binder=replace(_CATHODE.binder, additive=0.35, additive_um=1.0)),
        Microscope(),
    ),
    "xct": (_POROUS, _TOMOGRAPH),
    "packed": (_PACKED, Microscope(shine=0)),
    "clean": (_CATHODE, Microscope(curtain=0, charging=0, shading=0, noise=2, shot=0, edge=0, shine=0)),
}


def preset(name: str) -> Look:
    """A named electrode and microscope.

    Raises:
        UsageError: if there is none of this name.
    """
    if name not in PRESETS:
        raise UsageError("phantom-preset", f"There is no preset {name!r}.", f"Presets: {', '.join(PRESETS)}")
    return PRESETS[name]
