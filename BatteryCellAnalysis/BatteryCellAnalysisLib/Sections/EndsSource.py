"""The combo box that says where the ends of the sheets are read: edges, a segmentation, a model's."""

from pathlib import Path
from typing import Any

from batterycell.mrml.names import name_of
from batterycell.mrml.wizard.class_segments import labels_of
from batterycell.mrml.wizard.labels import write_labels_file
from batterycell.mrml.wizard.results import predictions_of
from batterycell.segment.model.library import list_drafts, list_models
from batterycell.segment.model.places import drafts_folder, library_folder, shipped_folders

from BatteryCellAnalysisLib.I18n import _

_LABELS_FILE = "labels.seg.nrrd"
_MODEL, _SEGMENTATION = "model:", "segmentation:"


class EndsSource:
    """Keeps the combo box up to date with the volume's segmentations and the library of models.

    Args:
        combo: The ``QComboBox``.
        panel: Gives the parameters.
    """

    def __init__(self, combo: Any, panel: Any) -> None:
        self._combo, self._panel = combo, panel
        self._listed: list[tuple[str, str]] = []
        self._models: list[tuple[str, str]] = []
        self._library: list[int] = []

    def refresh(self) -> None:
        """List what there is now, and keep the choice where it is still there."""
        listed = [("", _("edges of the image")), *self._segmentations(), *self._modelEntries()]
        if listed == self._listed:
            return
        chosen, self._listed = self._combo.currentData, listed
        self._combo.clear()
        for data, words in listed:
            self._combo.addItem(words, data)
        self._combo.setCurrentIndex(max(0, self._combo.findData(chosen)))

    def settings(self, folder: Path) -> dict[str, str]:
        """What the worker is told; a segmentation is written into the job's folder.

        Raises:
            InputError: if its segments overlap.
        """
        kind, _colon, name = str(self._combo.currentData or "").partition(":")
        if not kind:
            return {}
        if f"{kind}:" == _MODEL:
            return {"model": name}
        path = folder / _LABELS_FILE
        write_labels_file(self._panel.scene.GetNodeByID(name), path)
        return {"labels": str(path)}

    def _segmentations(self) -> list[tuple[str, str]]:
        volume = self._panel.parameters.volume
        if volume is None:
            return []
        own = labels_of(volume)
        nodes = [*([own] if own else []), *predictions_of(volume)]
        return [(f"{_SEGMENTATION}{n.GetID()}", _("segmentation: {name}").format(name=name_of(n))) for n in nodes]

    def _modelEntries(self) -> list[tuple[str, str]]:
        """The models, read again only where the folders that hold them changed."""
        places = (drafts_folder(), library_folder(), *shipped_folders())
        library = [place.stat().st_mtime_ns for place in places if place.is_dir()]
        if library != self._library:
            self._library = library
            self._models = [(f"{_MODEL}{m.folder}", m.info.name) for m in (*list_drafts(), *list_models())]
        return [(data, _("model: {name}").format(name=name)) for data, name in self._models]
