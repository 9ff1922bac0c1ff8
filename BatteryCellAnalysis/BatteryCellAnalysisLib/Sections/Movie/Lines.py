"""A movie and what was found in it, in a line."""

from collections.abc import Sequence

from batterycell.measured import Quantity, Stage
from batterycell.mrml.movie.frames import MovieFacts
from batterycell.tables import Table
from batterycell.told import rounded

from BatteryCellAnalysisLib.I18n import _

_ENERGIES = 4


def factsLine(facts: MovieFacts) -> str:
    """What is known of frames and where from: ``36 frames of 64 × 64 · pixel 0.05 µm (NRRD header) · …``."""
    rows, columns = facts.shape
    words = [_countWords(facts).format(count=facts.frames, rows=rows, columns=columns)]
    if facts.every > 1:
        words[0] += _(", every {n}. is shown").format(n=facts.every)
    energies = [] if facts.lithium else [_energyWords(facts)]
    return " · ".join([*words, _pixelWords(facts), _timeWords(facts), *energies, *facts.notes])


def _countWords(facts: MovieFacts) -> str:
    if facts.lithium:
        return _("{count} maps of lithium of {rows} × {columns}")
    return _("{count} frames of {rows} × {columns}")


def _pixelWords(facts: MovieFacts) -> str:
    if facts.pixel_um is None:
        return _("pixel size not stated: type it and press Set")
    height, width = facts.pixel_um
    size = f"{height:.4g}" if abs(height - width) < 1e-9 else f"{height:.4g} × {width:.4g}"
    return _("pixel {size} µm ({source})").format(size=size, source=_sourceWords(facts.pixel_source))


def _timeWords(facts: MovieFacts) -> str:
    if facts.seconds is None:
        return _("times not stated")
    first, last = facts.seconds
    words = _("{points} points in time, {first:g} to {last:g} s ({source})")
    return words.format(points=facts.points, first=first, last=last, source=_sourceWords(facts.times_source))


def _energyWords(facts: MovieFacts) -> str:
    energies = facts.energies_ev
    if not energies:
        return _("energies not stated")
    if len(energies) > _ENERGIES:
        shown = _("{count} energies from {first:g} to {last:g} eV").format(
            count=len(energies), first=energies[0], last=energies[-1]
        )
    else:
        shown = _("{energies} eV").format(energies=", ".join(f"{one:g}" for one in energies))
    return f"{shown} ({_sourceWords(facts.energies_source)})"


def _sourceWords(source: str) -> str:
    """Where something stands; what the worker was told as an option was typed."""
    return _("typed") if source.startswith("--") else source


def movieLine(stages: Sequence[Stage]) -> str:
    """The chief numbers: ``3 particles, 0.2 → 0.8 Li, 1.1 C``."""
    found = {one.name: one for stage in stages for one in stage.quantities if one.value == one.value}
    words = []
    if "movie_particles_count" in found:
        count = round(found["movie_particles_count"].value)
        words.append(_("1 particle") if count == 1 else _("{count} particles").format(count=count))
    first, last = found.get("movie_fraction_first"), found.get("movie_fraction_last")
    if first is not None:
        line = _valued(first) if last is None else f"{first.value:.2f} → {_valued(last)}"
        words.append(_("{fractions} Li").format(fractions=line))
    rates = [one for name, one in found.items() if name.startswith("movie_c_rate_per_h_")]
    if rates:
        words.append(_("{rate} C").format(rate=" / ".join(f"{abs(one.value):.2g}" for one in rates)))
    if "law" in _tables(stages):
        words.append(_("law learned"))
    return ", ".join(words)


def _valued(one: Quantity) -> str:
    return rounded(one.value, one.uncertainty)


def _tables(stages: Sequence[Stage]) -> dict[str, Table]:
    return {name: table for stage in stages for name, table in stage.tables.items()}
