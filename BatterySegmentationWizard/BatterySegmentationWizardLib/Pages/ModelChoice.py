"""The combo box of models that can be applied: drafts, the library's, and one that was opened from a folder."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, InputError
from batterycell.mrml.cell import volume_of
from batterycell.segment.model.library import Model, list_drafts, list_models, open_model
from batterycell.segment.model.suits import suits_best

from .ModelWords import modelWords


class ModelChoice:
    """Keeps the combo box and the current model together.

    Args:
        combo: The ``QComboBox``.
        wizard: Gives the parameters, and refreshes all pages.
    """

    def __init__(self, combo: Any, wizard: Any) -> None:
        self._combo, self._wizard = combo, wizard
        self._models: dict[str, Model] = {}
        combo.connect("activated(int)", self._onChosen)

    @property
    def model(self) -> Model | None:
        """The current model; None where there is none."""
        return self._models.get(self._wizard.parameters.model)

    def listModels(self) -> None:
        """List what there is now; where no model was chosen, the latest draft is, or what suits the image's pixels."""
        self._models = {str(model.folder): model for model in self._find()}
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for folder, model in self._models.items():
            self._combo.addItem(modelWords(model), folder)
        self._combo.blockSignals(wasBlocked)
        if self._models and self._wizard.parameters.model not in self._models:
            self._wizard.parameters.model = str(self._suggestion().folder)
        self.refresh()

    def refresh(self) -> None:
        """Show the current model, which may have come from another page."""
        current = self._wizard.parameters.model
        if current and current not in self._models and Path(current).is_dir():
            self.listModels()
            return
        self._combo.setCurrentIndex(self._combo.findData(current))

    def _find(self) -> Iterator[Model]:
        """The current model first where it lies elsewhere."""
        known = [*list_drafts(), *list_models()]
        current = self._wizard.parameters.model
        if current and current not in {str(model.folder) for model in known}:
            yield from _open(Path(current))
        yield from known

    def _suggestion(self) -> Model:
        models, image = list(self._models.values()), self._wizard.parameters.image
        published = [model for model in models if model.kind != "draft"]
        if image is None or len(published) < len(models):
            return models[0]
        # An image without voxels has no size yet.
        with suppress(InputError):
            return suits_best(published, volume_of(image).voxel_size_um) or models[0]
        return models[0]

    def _onChosen(self, index: int) -> None:
        self._wizard.parameters.model = self._combo.itemData(index)
        self._wizard.refresh()


def _open(folder: Path) -> Iterator[Model]:
    try:
        yield open_model(folder)
    except (BatteryCellError, OSError):
        return
