"""What the section "X-ray movie" asks for, in the terms of the worker: the same as the command line's words say."""

from pathlib import Path
from typing import Any

from batterycell.errors import UsageError
from batterycell.movie.kinetics.settings import KineticsSettings
from batterycell.movie.law.settings import LawSettings
from batterycell.movie.recipe import MovieRecipe
from batterycell.movie.settings import ChemistrySettings, PrepareSettings

from BatteryCellAnalysisLib.Parameters import BACKGROUNDS, REACHES, REACTIONS, RESERVOIRS, UNCERTAINTIES

from .Members import MovieMembers

_STEPS = {
    "prepare": ["prepare"],
    "chemistry": ["chemistry"],
    "kinetics": ["chemistry", "kinetics"],
    "invert": ["chemistry", "kinetics", "invert"],
}


def readingOf(parameters: Any) -> dict[str, Any]:
    """What is typed about the file, the fields of `MovieOptions` in JSON's types."""
    height, width = parameters.moviePixelYUm, parameters.moviePixelXUm
    pixel = [height, width or height] if height else None
    return {"pixel_um": pixel, "times": parameters.movieTimes.strip(), "energies": parameters.movieEnergies.strip()}


def besideOf(parameters: Any, members: MovieMembers, isLithium: bool) -> dict[str, Any]:
    """The files beside the movie; ``isLithium`` where fractions are given, whose uncertainty is stated."""
    return {
        "beam": parameters.movieI0.strip() or None,
        "mask": parameters.movieMask.strip() or None,
        "sigma": (parameters.movieSigma or None) if isLithium else None,
        "members": [] if isLithium else members.files,
        "voltages": voltagesOf(parameters),
        "voltage_sigma_v": parameters.movieVoltageSigmaV,
    }


def stepsOf(parameters: Any, isLithium: bool) -> list[str]:
    """The steps to go; lithium needs no chemistry."""
    steps = _STEPS[REACHES[parameters.movieReach]]
    return [one for one in steps if not (isLithium and one == "chemistry")]


def othersOf(parameters: Any) -> list[str]:
    """Folders of other movies for the same law."""
    return namedIn(parameters.movieOthers)


def voltagesOf(parameters: Any) -> list[str]:
    """Files of voltages to compare the law with, one a movie in order; none where no law is asked for."""
    return namedIn(parameters.movieVoltages) if REACHES[parameters.movieReach] == "invert" else []


def voltagesFit(parameters: Any) -> bool:
    """Whether each movie of the law has its voltages, or none has, or none are asked for."""
    return len(voltagesOf(parameters)) in (0, 1 + len(othersOf(parameters)))


def namedIn(text: str) -> list[str]:
    """Files or folders, with semicolons."""
    return [str(Path(one)) for part in text.split(";") if (one := part.strip())]


def recipeOf(parameters: Any, members: MovieMembers, isLithium: bool) -> MovieRecipe:
    """The settings.

    Raises:
        UsageError: if one is out of its range.
    """
    try:
        return MovieRecipe(
            prepare=_prepare(parameters, isLithium),
            chemistry=_chemistry(parameters, members),
            members=() if isLithium else tuple(name for name, _file in members.files),
            kinetics=KineticsSettings(window=parameters.movieWindow, smooth_um=parameters.movieSmoothUm),
            law=_law(parameters),
        )
    except ValueError as error:
        raise UsageError("movie-settings", f"{error}.", "Change it in the section.") from error


def _prepare(parameters: Any, isLithium: bool) -> PrepareSettings:
    counts, sigma = parameters.movieCounts, 0.0 if isLithium else parameters.movieSigma
    return PrepareSettings(
        beam="file" if parameters.movieI0.strip() else parameters.movieBeam.strip() or PrepareSettings().beam,
        noise="poisson" if counts else "stated" if sigma else "auto",
        counts_per_unit=counts,
        sigma_od=sigma,
        drift=parameters.movieDrift,
        most_drift_px=parameters.movieMostDriftPx,
        threshold_od=parameters.movieThresholdOd,
        min_area_um2=parameters.movieMinAreaUm2,
    )


def _chemistry(parameters: Any, members: MovieMembers) -> ChemistrySettings:
    background = BACKGROUNDS[parameters.movieBackground]
    given = {"lithium": members.lithium} if members.rows else {}
    return ChemistrySettings(**given, background=background, edge_jump=parameters.movieEdgeJump)


def _law(parameters: Any) -> LawSettings:
    held = parameters.movieHoldOut
    return LawSettings(
        reaction=REACTIONS[parameters.movieReaction],
        reservoir=RESERVOIRS[parameters.movieReservoir],
        hold_out=held if held < 1 else round(held),
        iterations=parameters.movieIterations,
        uncertainty=UNCERTAINTIES[parameters.movieUncertainty],
        same_particles=parameters.movieSameParticles,
    )
