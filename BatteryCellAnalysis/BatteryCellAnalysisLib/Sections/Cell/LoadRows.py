"""The rows of the section "Cell" that load: progress, a preview first, files without a header."""

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.io import RawShape
from batterycell.io.samples import Sample
from batterycell.mrml import input_path, volume_of
from batterycell.mrml.cell import VOXEL_SIZE_SOURCE
from batterycell.mrml.loaded import load_options_of, preview_step_of
from batterycell.mrml.mapped import remove_orphans
from batterycell.mrml.region import region_of
from batterycell.worker.load import Choice, LoadSettings

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Loading import Loading
from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.SliceViews import releaseRemoved
from BatteryCellAnalysisLib.VoxelSize import TYPED, voxelSizeUm
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from .PreviewRow import PreviewRow
from .RawRows import RawRows

# Such a file may hold voxels without a header.
_MAY_BE_RAW = ("raw-shape-unknown", "unknown-format")


class LoadRows:
    """Loads volumes and asks what is to be known for it, without a dialog.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters, the scene and the job.
        section: Shows messages.
    """

    def __init__(self, ui: Any, panel: Any, section: Section) -> None:
        self._panel, self._section = panel, section
        self.limit: int | None = None  # bytes above which a preview is offered; None for what is large here
        self.loading = Loading(panel.makeJob(), lambda: panel.scene)
        self._progress = ProgressRow(self.loading.job, ui.cellProgressRow, ui.cellProgressBar, ui.cellCancelButton)
        self._preview = PreviewRow(ui)
        self._raw = RawRows(ui, panel.setReady)
        self._choice: Choice | None = None
        self.loading.asked.connect(self._onAsked)
        self.loading.failed.connect(self._onFailed)
        self._raw.described.connect(self._onDescribed)
        ui.loadPreviewButton.connect("clicked()", self._onLoadPreview)
        ui.loadWholeButton.connect("clicked()", self._onLoadWhole)
        ui.loadRegionButton.connect("clicked()", self._onLoadRegion)

    def load(self, path: Path) -> None:
        """Begin to load a folder of slices or a file, which is chosen once it is there."""
        self.start(LoadSettings(path=str(path), limit=self.limit))

    def loadSample(self, sample: Sample, cache: Path) -> None:
        """Begin to download a sample, where it is not in the cache yet, and to load it."""
        self.start(LoadSettings(sample=sample, cache=str(cache), limit=0))

    def generate(self, preset: str) -> None:
        """Begin to generate a cell."""
        self.start(LoadSettings(preset=preset))

    def start(self, settings: LoadSettings) -> None:
        """Begin to load."""
        with self._section.reporting(_("The volume cannot be loaded."), waitCursor=False):
            busy = Readiness.whyNotLoad(self._panel.situation())
            if busy:
                raise BatteryCellError("busy", _("No volume can be loaded now."), busy)
            self._choice = None
            self._raw.hide()
            self.loading.start(settings)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what can be loaded."""
        remove_orphans(self._panel.scene)
        releaseRemoved()
        self._progress.refresh()
        busy = Readiness.whyNotLoad(now)
        self._showPreviewRow(self._panel.parameters.volume)
        for button in self._preview.buttons:
            self._panel.setReady(button, busy)
        if busy:
            self._panel.setReady(self._preview.region, busy)
        self._raw.refresh(busy)

    def _showPreviewRow(self, volume: Any) -> None:
        step = preview_step_of(volume) if volume else 1
        if self._choice:
            self._preview.offer(self._choice)
        elif step > 1 and input_path(volume):
            self._offerWhole(volume, step)
        else:
            self._preview.hide()

    def _offerWhole(self, volume: Any, step: int) -> None:
        array, region = volume_of(volume).array, region_of(volume)
        voxels = prod(stop - start for start, stop in region) if region else 0
        self._preview.offerWhole(array.nbytes * step**3, voxels * array.itemsize)
        self._panel.setReady(self._preview.region, "" if region else _("Cut the cell open: the box is the region."))

    def _onAsked(self, choice: Choice) -> None:
        self._choice = choice
        words = _("{name} is large: {sides} voxels. Load a preview first, or all of it?")
        sides = " × ".join(map(str, choice.estimate.shape))
        self._section.say(words.format(name=choice.path.name, sides=sides))
        self._panel.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        path = Path(self.loading.settings.path)
        if error.code in _MAY_BE_RAW and path.is_file():
            self._section.say(_("{name} has no header that is known: say how its voxels lie.").format(name=path.name))
            self._raw.ask(path)
        else:
            self._section.showError(error)
        self._panel.refresh()

    def _onDescribed(self, path: Path, raw: RawShape) -> None:
        settings = LoadSettings(path=str(path), limit=self.limit)
        self.start(replace(settings, options=replace(settings.options, raw=raw)))

    def _onLoadPreview(self) -> None:
        if self._choice:
            self._startAgain(self.loading.settings, self._choice.step)

    def _onLoadWhole(self) -> None:
        volume = self._panel.parameters.volume
        self._startAgain(self.loading.settings if self._choice else _settingsOf(volume), 1)

    def _onLoadRegion(self) -> None:
        volume = self._panel.parameters.volume
        settings = _settingsOf(volume)
        options = replace(settings.options, step=1, region=region_of(volume))
        self.start(replace(settings, options=options, limit=0))

    def _startAgain(self, settings: LoadSettings, step: int) -> None:
        self.start(replace(settings, options=replace(settings.options, step=step), limit=0))


def _settingsOf(preview: Any) -> LoadSettings:
    """How to load the whole of a preview, with the voxel size that was typed for the preview."""
    options, step = load_options_of(preview), preview_step_of(preview)
    if (preview.GetAttribute(VOXEL_SIZE_SOURCE) or "").startswith(TYPED):
        z, y, x = (size / step for size in voxelSizeUm(preview))
        options = replace(options, voxel_size_um=(z, y, x))
    return LoadSettings(path=str(input_path(preview)), options=options)
