"""Grey values of the materials of random cells."""

from __future__ import annotations

import numpy as np

from batterycell.phantom import Greys

from .ranges import CATHODE_GREY, Ranges, draw

# Sodium cells have aluminium under the anode: its foil is no line.
_WITHOUT_COPPER = 0.03


def random_greys(rng: np.random.Generator, ranges: Ranges) -> Greys:
    """Grey values on the scale on which the cathode has 80; what is below 0 may be cut off by the scan."""
    anode = draw(rng, ranges.anode)
    between = anode * draw(rng, ranges.between)
    gas = anode * draw(rng, ranges.gas)
    foil = draw(rng, ranges.foil) if rng.random() > _WITHOUT_COPPER else anode * rng.uniform(0.8, 2.0)
    can = draw(rng, ranges.can)
    shares = {
        "air": min(gas, 0.0) - rng.uniform(0, 0.12),
        "gas": min(gas, between),
        "can": can,
        "cathode": 1.0,
        "anode": anode,
        "foil": foil,
        "separator": between * rng.uniform(0.8, 1.2),
        "electrolyte": between,
        "cap": can * rng.uniform(0.7, 1.1),
        "plastic": rng.uniform(0.05, 0.45),
        "insulator": rng.uniform(0.05, 0.45),
        "tab": rng.uniform(0.3, 2.0),
    }
    return Greys(**{name: CATHODE_GREY * share for name, share in shares.items()})
