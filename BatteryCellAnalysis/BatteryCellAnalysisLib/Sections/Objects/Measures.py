"""The list of measures in the section "Objects", each to be ticked."""

from typing import Any

import qt
from batterycell.instances.measures.registry import COMMON, MEASURES


class ObjectsMeasures:
    """Lists all measures, with formula and source as tooltips.

    Args:
        combo: The ``ctkCheckableComboBox``.
        panel: Gives the parameters.
    """

    def __init__(self, combo: Any, panel: Any) -> None:
        self._combo, self._panel, self._isFilling = combo, panel, False
        for row, measure in enumerate(MEASURES.values()):
            combo.addItem(measure.title, measure.name)
            combo.setItemData(row, f"{measure.formula}\n{measure.source}", qt.Qt.ToolTipRole)
        combo.connect("checkedIndexesChanged()", self._onTicked)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the ticked measures; the common ones where none was ever chosen."""
        words = self._panel.parameters.objectsMeasures
        return tuple(name for name in words.split(",") if name in MEASURES) or ("common",)

    def refresh(self) -> None:
        """Tick what is chosen."""
        chosen = COMMON if self.names == ("common",) else self.names
        self._isFilling = True
        for row, name in enumerate(MEASURES):
            state = qt.Qt.Checked if name in chosen else qt.Qt.Unchecked
            index = self._combo.checkableModel().index(row, 0)
            if self._combo.checkState(index) != state:
                self._combo.setCheckState(index, state)
        self._isFilling = False

    def _onTicked(self) -> None:
        if not self._isFilling:
            ticked = {index.row() for index in self._combo.checkedIndexes()}
            self._panel.parameters.objectsMeasures = ",".join(
                name for row, name in enumerate(MEASURES) if row in ticked
            )
