"""The row of the section "Cell" that offers a preview of a large image, and a region or the whole of a preview."""

from typing import Any

from batterycell.worker.load import Choice

from BatteryCellAnalysisLib.I18n import _

_GB = 1e9


class PreviewRow:
    """Three buttons; which of them are shown depends on what there is to load.

    Args:
        ui: The panel's widgets.
    """

    def __init__(self, ui: Any) -> None:
        self._row, self._preview, self._whole = ui.previewRow, ui.loadPreviewButton, ui.loadWholeButton
        self.region = ui.loadRegionButton
        self.hide()

    @property
    def buttons(self) -> tuple[Any, Any]:
        """The buttons that only need a volume that can be loaded."""
        return self._preview, self._whole

    def hide(self) -> None:
        """Offer nothing."""
        self._row.visible = False

    def offer(self, choice: Choice) -> None:
        """Offer both, with the memory that each takes."""
        small, large = (_gigabytes(choice.estimate.bytes_at(step)) for step in (choice.step, 1))
        text = _("Load preview (1:{step}, {small} of {large})")
        self._preview.text = text.format(step=choice.step, small=small, large=large)
        self._whole.text = _("Load whole ({large})").format(large=large)
        self._show(choice.step > 1, region=False)

    def offerWhole(self, size: int, regionSize: int) -> None:
        """Offer to load all of what is shown as a preview, about so many bytes, or a region of it; 0 for no region."""
        self._whole.text = _("Load whole ({large})").format(large=_gigabytes(size))
        words = _("Load region ({small})").format(small=_gigabytes(regionSize)) if regionSize else _("Load region")
        self.region.text = words
        self._show(False, region=True)

    def _show(self, preview: bool, region: bool) -> None:
        self._row.visible = True
        self._preview.visible = preview
        self.region.visible = region


def _gigabytes(size: int) -> str:
    return f"{size / _GB:.1f} GB" if size >= _GB / 10 else f"{size / 1e6:.1f} MB"
