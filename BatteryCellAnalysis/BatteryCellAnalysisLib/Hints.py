"""Hints for the panel, where those of the command line speak of its options."""

import re
from collections.abc import Mapping

from batterycell.errors import BatteryCellError

from .I18n import _

# An option of the command line, and what stands for its value.
_OPTION = re.compile(r"(--[a-z0-9-]+)(?: (?:[A-Z]+=)?[A-Z]+\b)?")


def inPanelWords(text: str, words: Mapping[str, str]) -> str:
    """A sentence with the panel's words for options of the command line.

    Args:
        text: As the core says it.
        words: What the panel calls each option; others stay as they are.
    """
    return _OPTION.sub(lambda found: f"“{words[found[1]]}”" if found[1] in words else found[0], text)


def movieWords() -> dict[str, str]:
    """What the section "X-ray movie" calls options of the command line."""
    return {
        "--pixel-size": _("Pixel size"),
        "--times": _("Times"),
        "--energies": _("Energies"),
        "--end-member": _("End members"),
        "--edge-jump": _("Edge jump"),
        "--beam": _("Beam"),
        "--counts-per-unit": _("Photons"),
        "--i0": _("Beam file"),
        "--threshold": _("Particles (density)"),
        "--min-area": _("Particles (area)"),
        "--mask": _("Mask file"),
        "--background": _("Background"),
        "--sigma": _("σ"),
        "--hold-out": _("Left out"),
        "--iterations": _("Most steps"),
        "--voltage": _("Voltage"),
        "--same-particles": _("same particles"),
    }


def hintFor(error: BatteryCellError, words: Mapping[str, str] | None = None) -> str:
    """What to do about an error in the panel.

    Args:
        error: As the core tells it.
        words: What the section calls options of the command line; None where it has none of them.
    """
    if error.code == "output-exists":
        return _("Tick “Replace an older result”, or choose another folder.")
    if error.code.startswith("output-"):
        return _("Choose another folder, or make room in this one.")
    if error.code.startswith("voxel-size"):
        return _("Type the voxel size in µm in the section Cell and set it.")
    if error.code == "image-foreign":
        return _("Choose another model, or work without one.")
    for start, hint in _movieHints().items():
        if error.code.startswith(start):
            return hint
    hint = inPanelWords(error.hint, words or {})
    return _("On the command line: {hint}").format(hint=error.hint) if "--" in hint else hint


def _movieHints() -> dict[str, str]:
    """What to do about an error in the section "X-ray movie", by how its code begins."""
    return {
        "pixel-size": _("Type the pixel size in µm and press Set."),
        "movie-times": _("Type the seconds from frame to frame, or the name of a file, and press Set."),
        "lithium-times": _("Type the seconds from frame to frame, or the name of a file, and press Set."),
        "movie-energies": _("Type the energies in eV and press Set."),
        "end-members": _("Add the spectra of two end members or more."),
        "lithium-sigma": _("Add end members for frames; for lithium fractions type σ in Settings."),
        "lithium-energies": _("Add the spectra of the end members."),
        "lithium-values": _("Add the spectra of the end members."),
        "lithium-mask": _("Choose a mask file in Settings."),
        "law-hold-out": _("Leave out fewer points in time (Settings)."),
        "voltage-count": _("Choose one file of voltages for each movie, in their order (Settings)."),
    }
