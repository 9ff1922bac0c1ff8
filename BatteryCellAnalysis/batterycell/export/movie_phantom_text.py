"""What stands in the folder of generated movies for people to read."""

from __future__ import annotations

from collections.abc import Sequence


def next_commands(movies: int, members: tuple[str, ...], lithium: bool, beside: Sequence[str]) -> str:
    """What is in the folder, and what to type in it.

    Args:
        movies: How many there are.
        members: Names of the end members, the one without lithium first.
        lithium: Whether folders of lithium fractions were written.
        beside: What else is typed where the law is learned.
    """
    numbers = range(1, movies + 1)
    spectra = " ".join(f"--end-member {name}={name}.txt" for name in members)
    frames = [f"movie chemistry movie-{n}.tif {spectra} --mask mask-{n}.tif --out chemistry-{n}" for n in numbers]
    kind = "lithium" if lithium else "chemistry"
    rates = [f"movie kinetics {kind}-{n} --out kinetics-{n}" for n in numbers]
    law = " ".join(["movie invert", *(f"{kind}-{n}" for n in numbers), *beside, "--out law"])
    return _README.format(commands="\n".join(f"  batterycell {line}" for line in [*frames, *rates, law]))


_README = """Generated X-ray movies of battery particles: every number that can be measured on them is known.

movie-N.tif, movie-N.csv   frames (photons) of movie N, their times and energies
mask-N.tif                 number of the particle of each pixel, where the drift's mean lies
voltage-N.csv              voltage against lithium, where particles share one; for movie invert --voltage
FePO4.txt, LiFePO4.txt     spectra of the end members: energy in eV, optical density
lithium-N                  with --lithium: fractions with noise, as movie chemistry writes them
phantom.json               every setting and the seed
truth/                     k-N and lithium-N without noise as maps; law.csv: j0(c), mu(c); particles.csv;
                           reservoir.csv: potential of each particle's surroundings; drift.csv; pictures

In this folder, type next:
{commands}
The last one searches for minutes, for particles of 60 x 60 pixels longer; it says how long, and goes on after a break.
Then compare with truth/.
"""
