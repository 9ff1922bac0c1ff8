"""Hints for the panel, where those of the command line speak of its options."""

from batterycell.errors import BatteryCellError

from .I18n import _


def hintFor(error: BatteryCellError) -> str:
    """What to do about an error in the panel."""
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
    return _("On the command line: {hint}").format(hint=error.hint) if "--" in error.hint else error.hint


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
    }
