"""The combo box that says where the ends of the sheets are read: edges, a model, a segmentation."""

from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, InputError
from batterycell.mrml.names import name_of
from batterycell.mrml.wizard.class_segments import labels_of
from batterycell.mrml.wizard.labels import write_labels_file
from batterycell.mrml.wizard.results import predictions_of
from batterycell.overhang import LabelClasses
from batterycell.segment.model.bundle import is_portable
from batterycell.segment.model.library import Model, list_drafts, list_models
from batterycell.segment.model.places import drafts_folder, library_folder, shipped_folders
from batterycell.segment.needs import missing_to_apply

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_APPLY_MODELS, ensure
from BatteryCellAnalysisLib.Work.OwnPackages import packagesFolder

_LABELS_FILE = "labels.seg.nrrd"
_MODEL, _SEGMENTATION = "model:", "segmentation:"


class EndsSource:
    """Keeps the combo box up to date with the library of models and the volume's segmentations.

    Args:
        combo: The ``QComboBox``.
        panel: Gives the parameters.
    """

    def __init__(self, combo: Any, panel: Any) -> None:
        self._combo, self._panel = combo, panel
        self._listed: list[tuple[str, str]] = []
        self._models: list[tuple[str, str]] = []
        self._library: list[int] = []
        combo.connect("currentIndexChanged(int)", self._onChosen)

    @property
    def model(self) -> str:
        """The folder of the chosen model; empty where none is chosen."""
        kind, _colon, folder = str(self._combo.currentData or "").partition(":")
        return folder if f"{kind}:" == _MODEL else ""

    def refresh(self) -> None:
        """List what there is now, and keep the choice where it is still there."""
        listed = [("", _("edges of the image")), *self._modelEntries(), *self._segmentations()]
        wasBlocked = self._combo.blockSignals(True)
        if listed != self._listed:
            self._listed = listed
            self._combo.clear()
            for data, words in listed:
                self._combo.addItem(words, data)
        self._combo.setCurrentIndex(max(0, self._combo.findData(self._panel.parameters.endsFrom)))
        self._combo.blockSignals(wasBlocked)

    def recipe(self) -> dict[str, Any]:
        """What the choice is to a recipe, once what it needs is installed.

        Raises:
            BatteryCellError: if the user declines to install it, or the model needs more than is offered here.
        """
        if not self.model:
            return {}
        _ensurePackages(self.model)
        return {"ends_from": "model", "model": self.model}

    def writeLabels(self, folder: Path) -> dict[str, str]:
        """What the worker is told beside the recipe; a segmentation is written into the job's folder.

        Raises:
            InputError: if its segments overlap.
        """
        kind, _colon, name = str(self._combo.currentData or "").partition(":")
        if f"{kind}:" != _SEGMENTATION:
            return {}
        path = folder / _LABELS_FILE
        write_labels_file(self._panel.scene.GetNodeByID(name), path)
        return {"labels": str(path)}

    def _onChosen(self, index: int) -> None:
        self._panel.parameters.endsFrom = str(self._combo.itemData(index) or "")

    def _segmentations(self) -> list[tuple[str, str]]:
        volume = self._panel.parameters.volume
        if volume is None:
            return []
        own = labels_of(volume)
        nodes = [*([own] if own else []), *predictions_of(volume)]
        return [(f"{_SEGMENTATION}{n.GetID()}", _("segmentation: {name}").format(name=name_of(n))) for n in nodes]

    def _modelEntries(self) -> list[tuple[str, str]]:
        """The models of overhang, read again only where the folders that hold them changed."""
        places = (drafts_folder(), library_folder(), *shipped_folders())
        library = [place.stat().st_mtime_ns for place in places if place.is_dir()]
        if library != self._library:
            self._library = library
            found = [model for model in (*list_models(), *list_drafts()) if _tellsOverhang(model)]
            found.sort(key=lambda model: model.kind != "shipped")
            self._models = [(f"{_MODEL}{model.folder}", _words(model)) for model in found]
        return self._models


def _tellsOverhang(model: Model) -> bool:
    try:
        LabelClasses.of_names({one.name: number for number, one in enumerate(model.info.classes)})
    except InputError:
        return False
    return len(model.info.channel_names) == 1


def _words(model: Model) -> str:
    kind = {"shipped": _(" (shipped)"), "draft": _(" (draft)")}.get(model.kind, "")
    return _("model: {name} {version}{kind}").format(name=model.info.name, version=model.info.version, kind=kind)


def _ensurePackages(model: str) -> None:
    missing = missing_to_apply(is_portable(Path(model)), packagesFolder())
    if set(missing) <= set(TO_APPLY_MODELS):
        ensure(missing)
        return
    words = _("This model needs the packages {names}.").format(names=", ".join(missing))
    hint = _("Install them in Battery Segmentation Wizard, page Train.")
    raise BatteryCellError("packages-missing", words, hint)
