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
    return _("On the command line: {hint}").format(hint=error.hint) if "--" in error.hint else error.hint
