"""The rows of the section "Cell" that describe a file without a header."""

from pathlib import Path
from typing import Any

from batterycell.io import RawShape
from batterycell.io.raw_guess import RAW_TYPES, guess_raw, raw_bytes

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

_DEFAULT_TYPE = "uint16"


class RawRows:
    """Shown while a file without a header is to be loaded.

    Signals: ``described(path, RawShape)`` when Load is pressed.

    Args:
        ui: The panel's widgets.
        setReady: Enables a widget, or disables it with a reason.
    """

    def __init__(self, ui: Any, setReady: Any) -> None:
        self.described = Signal()
        self._ui, self._setReady = ui, setReady
        self._sides = (ui.rawSlices, ui.rawLines, ui.rawColumns)
        self._path: Path | None = None
        ui.rawTypeComboBox.addItems(list(RAW_TYPES))
        for box in (*self._sides, ui.rawOffset):
            box.connect("valueChanged(int)", lambda value: self.refresh())
        ui.rawTypeComboBox.connect("currentIndexChanged(int)", lambda index: self.refresh())
        ui.loadRawButton.connect("clicked()", self._onLoad)
        self.hide()

    def ask(self, path: Path) -> None:
        """Ask for the description of a file, beginning with a guess."""
        guess = guess_raw(path) or RawShape((1, 1, 1), _DEFAULT_TYPE)
        self._path = None  # nothing to refresh while the boxes are filled
        for box, side in zip(self._sides, guess.shape, strict=True):
            box.value = side
        self._ui.rawTypeComboBox.setCurrentText(guess.dtype)
        self._ui.rawOffset.value = guess.offset
        self._path = path
        self._ui.rawRows.visible = True
        self.refresh()

    def hide(self) -> None:
        """Ask for nothing."""
        self._path = None
        self._ui.rawRows.visible = False

    def refresh(self, busy: str = "") -> None:
        """Say whether the description fits the file."""
        if self._path is None:
            return
        needed, length = raw_bytes(self._raw()), self._path.stat().st_size if self._path.exists() else 0
        fits, misfits = _("Fits the file: {length} bytes."), _("Does not fit: {needed} bytes, the file has {length}.")
        text = (fits if needed == length else misfits).format(needed=f"{needed:,}", length=f"{length:,}")
        self._ui.rawFitLabel.text = text
        self._setReady(self._ui.loadRawButton, busy or ("" if needed == length else text))

    def _raw(self) -> RawShape:
        z, y, x = (box.value for box in self._sides)
        dtype, offset = self._ui.rawTypeComboBox.currentText, self._ui.rawOffset.value
        return RawShape((z, y, x), dtype, offset, self._ui.rawBigEndianCheckBox.checked)

    def _onLoad(self) -> None:
        if self._path is not None:
            self.described.emit(self._path, self._raw())
