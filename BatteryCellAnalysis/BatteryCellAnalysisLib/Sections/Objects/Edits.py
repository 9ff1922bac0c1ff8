"""The buttons of the section "Objects" that merge, split and remove objects, and take that back."""

from collections.abc import Callable, Sequence
from typing import Any

from batterycell.mrml.object_place import voxel_at
from batterycell.mrml.objects import note_of, source_of

from BatteryCellAnalysisLib.Sections import Readiness

_Edit = dict[str, Any]


class ObjectsEdits:
    """Lists edits of objects.

    Args:
        ui: The panel's widgets.
        panel: Enables the buttons.
        apply: Called with all edits from the first on, once there is another or one less.
    """

    def __init__(self, ui: Any, panel: Any, apply: Callable[[Sequence[_Edit]], None]) -> None:
        self._ui, self._panel, self._apply = ui, panel, apply
        self._objects: Any = None
        self._selected: list[int] = []
        self._points: list[list[int]] = []
        ui.objectsMergeButton.connect("clicked()", lambda: self._edit("merge"))
        ui.objectsSplitButton.connect("clicked()", lambda: self._edit("split"))
        ui.objectsSplitPointsButton.connect("toggled(bool)", self._onPoints)
        ui.objectsRemoveButton.connect("clicked()", lambda: self._edit("remove"))
        ui.objectsUndoButton.connect("clicked()", self._onUndo)

    def show(self, objects: Any) -> None:
        """Edit other objects, or the same ones after they changed; None for none."""
        self._objects, self._selected = objects, []
        self._ui.objectsSplitPointsButton.checked = False
        log = note_of(objects).log if objects is not None else ()
        self._ui.objectsLogLabel.text = "\n".join(log)
        self._ui.objectsLogLabel.visible = bool(log)

    def select(self, numbers: Sequence[int]) -> None:
        """Edit these objects."""
        self._selected = list(numbers)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what can be done."""
        ui, count = self._ui, len(self._selected)
        hasSource = self._objects is not None and source_of(self._objects) is not None
        for button, least in ((ui.objectsMergeButton, 2), (ui.objectsRemoveButton, 1)):
            self._panel.setReady(button, Readiness.whyNotEditObjects(now, count, least, hasSource))
        for button in (ui.objectsSplitButton, ui.objectsSplitPointsButton):
            self._panel.setReady(button, Readiness.whyNotSplitObject(now, count, hasSource))
        hasEdits = self._objects is not None and bool(note_of(self._objects).edits)
        self._panel.setReady(ui.objectsUndoButton, Readiness.whyNotUndoObjects(now, hasEdits, hasSource))

    def addPoint(self, place: Sequence[float]) -> int:
        """Split at one more place, RAS mm as the views show it; how many there are."""
        self._points.append(list(voxel_at(self._objects, place)))
        return len(self._points)

    def _onPoints(self, isTaking: bool) -> None:
        points, self._points = self._points, []
        if not isTaking and len(points) > 1:
            self._edit("split", points=points)

    def _edit(self, kind: str, **more: Any) -> None:
        self._apply([*note_of(self._objects).edits, {"kind": kind, "ids": self._selected, **more}])

    def _onUndo(self) -> None:
        self._apply(note_of(self._objects).edits[:-1])
