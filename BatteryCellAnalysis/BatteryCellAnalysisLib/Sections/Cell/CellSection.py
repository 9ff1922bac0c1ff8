"""Section "Cell": choose or load a volume, see and correct its voxel size."""

from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError
from batterycell.io.sizes import check_voxel_size, describe
from batterycell.mrml.loaded import preview_step_of

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.SliceViews import showLoaded, showVolume
from BatteryCellAnalysisLib.VoxelSize import isVoxelSizeKnown, setVoxelSizeUm, voxelSizeUm, whyNotUsable

from .LoadRows import LoadRows

_SAME_UM = 5e-4


class CellSection:
    """Connects the widgets of the section "Cell".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.cellCollapsibleButton, ui.cellMessage)
        self._boxes = (ui.voxelSizeZ, ui.voxelSizeY, ui.voxelSizeX)
        self._shown: Any = None
        self.loads = LoadRows(ui, panel, self._section)
        self.load = self.loads.load
        self.loads.loading.loaded.connect(self._onLoaded)
        ui.loadFolderButton.connect("clicked()", self._onLoadFolder)
        ui.loadFileButton.connect("clicked()", self._onLoadFile)
        ui.setVoxelSizeButton.connect("clicked()", self._onSetVoxelSize)
        for box in self._boxes:
            box.connect("valueChanged(double)", lambda value: self._panel.refresh())

    @property
    def job(self) -> Any:
        """The runner that loads."""
        return self.loads.loading.job

    def typedVoxelSize(self) -> tuple[float, float, float]:
        """The voxel size (z, y, x) in the boxes, µm."""
        z, y, x = (box.value for box in self._boxes)
        return z, y, x

    def isVoxelSizeTyped(self) -> bool:
        """Whether the boxes differ from the volume's voxel size."""
        volume = self._panel.parameters.volume
        sizes = zip(self.typedVoxelSize(), voxelSizeUm(volume), strict=True) if volume else ()
        return any(abs(typed - size) > _SAME_UM for typed, size in sizes)

    def forget(self) -> None:
        """Say anew what is chosen."""
        self._shown = None

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what can be done."""
        for widget in (self._ui.loadFolderButton, self._ui.loadFileButton, self._ui.volumeSelector):
            self._panel.setReady(widget, Readiness.whyNotLoad(now))
        for box in self._boxes:
            self._panel.setReady(box, Readiness.whyNotTypeVoxelSize(now))
        self._panel.setReady(self._ui.setVoxelSizeButton, Readiness.whyNotSetVoxelSize(now))
        self.loads.refresh(now)

    def showVoxelSize(self) -> None:
        """Write the volume's voxel size into the boxes, but only when it changed: typing goes on else."""
        volume = self._panel.parameters.volume
        problem = whyNotUsable(volume) if volume else None
        state = (volume.GetID(), voxelSizeUm(volume), str(problem)) if volume else None
        if state == self._shown:
            return
        self._shown = state
        self._showState(volume, problem)
        self._fillBoxes(voxelSizeUm(volume) if volume else (0.0, 0.0, 0.0))

    def _onLoadFolder(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self._ui.cellCollapsibleButton, _("Folder of slices"))
        if folder:
            self.load(Path(folder))

    def _onLoadFile(self) -> None:
        file = qt.QFileDialog.getOpenFileName(self._ui.cellCollapsibleButton, _("Volume file"))
        if file:
            self.load(Path(file))

    def _onLoaded(self, volume: Any) -> None:
        showLoaded(volume)
        self._panel.parameters.volume = volume
        self._panel.refresh()

    def _onSetVoxelSize(self) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The voxel size cannot be set.")):
            check_voxel_size(self.typedVoxelSize(), volume.GetName())
            setVoxelSizeUm(volume, self.typedVoxelSize())
            showVolume(volume)
        self._panel.refresh()

    def _showState(self, volume: Any, problem: BatteryCellError | None) -> None:
        self._section.clear()
        if volume is None:
            self._section.setResult("")
        elif problem is not None:
            self._section.setResult(volume.GetName())
            self._section.showError(problem)
        elif isVoxelSizeKnown(volume):
            self._section.setResult(f"{volume.GetName()}, {describe(voxelSizeUm(volume))}")
        else:
            self._section.setResult(volume.GetName())
            words = _("The voxel size is {size} mm: the file does not state it.").format(size=preview_step_of(volume))
            self._section.warn(words, _("Type it in µm and set it."))

    def _fillBoxes(self, voxelSize: tuple[float, float, float]) -> None:
        for box, size in zip(self._boxes, voxelSize, strict=True):
            wasBlocked = box.blockSignals(True)
            box.value = size
            box.blockSignals(wasBlocked)
