"""The combo box that names a slice view: the one that was clicked last, or the one that people choose."""

from typing import Any

import slicer
import vtk


class ViewChoice:
    """Keeps a ``QComboBox`` to the slice views of the layout.

    Args:
        combo: The combo box.
    """

    def __init__(self, combo: Any) -> None:
        self._combo = combo
        self._tags: dict[Any, int] = {}
        slicer.app.layoutManager().connect("layoutChanged(int)", lambda layout: self._onLayout())

    @property
    def node(self) -> Any:
        """The ``vtkMRMLSliceNode`` of the chosen view; None where the layout shows none."""
        widget = slicer.app.layoutManager().sliceWidget(self._combo.currentText)
        return widget.mrmlSliceNode() if widget else None

    def choose(self, name: str) -> None:
        """Choose a view by its name."""
        self._combo.setCurrentIndex(max(0, self._combo.findText(name)))

    def start(self) -> None:
        """List the views and listen to clicks in them."""
        self._list()
        for name, interactor in _views():
            if interactor not in self._tags:
                press = vtk.vtkCommand.LeftButtonPressEvent
                # Before Slicer's own handlers, which may end the event.
                self._tags[interactor] = interactor.AddObserver(press, lambda *_, name=name: self.choose(name), 2.0)

    def stop(self) -> None:
        """Listen to no view any more."""
        for interactor, tag in self._tags.items():
            interactor.RemoveObserver(tag)
        self._tags.clear()

    def _onLayout(self) -> None:
        if self._tags:
            self.start()

    def _list(self) -> None:
        names, chosen = [name for name, _interactor in _views()], self._combo.currentText
        if names != [self._combo.itemText(index) for index in range(self._combo.count)]:
            self._combo.clear()
            self._combo.addItems(names)
            self.choose(chosen)


def sliceNodes() -> list[Any]:
    """The slice nodes of the views in the layout."""
    layout = slicer.app.layoutManager()
    widgets = [layout.sliceWidget(name) for name in layout.sliceViewNames()]
    nodes = [widget.mrmlSliceNode() for widget in widgets]
    return [node for node in nodes if node.IsMappedInLayout()]


def _views() -> list[tuple[str, Any]]:
    layout = slicer.app.layoutManager()
    return [(name, layout.sliceWidget(name).sliceView().interactor()) for name in layout.sliceViewNames()]
