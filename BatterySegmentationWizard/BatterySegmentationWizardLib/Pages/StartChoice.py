"""The combo box of models that a training can go on from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batterycell.mrml.wizard.classes import classes_of
from batterycell.segment.model.library import Model, list_drafts, list_models
from batterycell.segment.model.suits import starts_best
from BatteryCellAnalysisLib.I18n import _

from .ModelWords import modelWords

Entries = list[tuple[str, str]]


class StartChoice:
    """Keeps the combo box and the parameter together; until somebody chooses, a shipped model of the classes is chosen.

    Args:
        combo: The ``QComboBox``.
        wizard: Gives the parameters.
    """

    def __init__(self, combo: Any, wizard: Any) -> None:
        self._combo, self._wizard = combo, wizard
        combo.connect("activated(int)", self._onChosen)

    def list(self) -> None:
        """List what there is now; a folder that is gone is not chosen any more."""
        parameters, known = self._wizard.parameters, [*list_models(), *list_drafts()]
        entries: Entries = [(_("scratch"), ""), *self._elsewhere(known)]
        entries += [(modelWords(model), str(model.folder)) for model in known]
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for text, folder in entries:
            self._combo.addItem(text, folder)
        self._combo.blockSignals(wasBlocked)
        if not parameters.trainStartChosen:
            parameters.trainStart = self._suggestion(known)
        elif parameters.trainStart not in [folder for _text, folder in entries]:
            parameters.trainStart = ""
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        self._combo.setCurrentIndex(max(0, self._combo.findData(self._wizard.parameters.trainStart)))

    def choose(self, folder: str) -> None:
        """Go on from the model in a folder; empty for scratch."""
        self._wizard.parameters.trainStart, self._wizard.parameters.trainStartChosen = folder, True

    def _elsewhere(self, known: Sequence[Model]) -> Entries:
        """The current model, where no list has it."""
        current = self._wizard.parameters.model
        isElsewhere = bool(current) and Path(current).is_dir() and current not in [str(model.folder) for model in known]
        return [(_("the current model"), current)] if isElsewhere else []

    def _suggestion(self, known: Sequence[Model]) -> str:
        parameters = self._wizard.parameters
        names = [one.name for one in classes_of(self._wizard.scene)]
        shipped = [model for model in known if model.kind == "shipped"]
        found = starts_best(shipped, names, parameters.trainDimension)
        return str(found.folder) if found else ""

    def _onChosen(self, index: int) -> None:
        self.choose(self._combo.itemData(index))
