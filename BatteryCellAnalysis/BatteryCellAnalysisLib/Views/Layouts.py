"""Layouts of the extension's own, which Slicer knows by their numbers."""

import slicer

# Slicer's own layouts have numbers below 1000; others are free to choose. Scenes that were saved name them.
UNROLLED, MOVIE, TRAINING = 4860, 4861, 4862


def addLayout(number: int, description: str) -> None:
    """Let Slicer know a layout; a saved scene that names it shows it only then."""
    manager = slicer.app.layoutManager()
    node = manager.layoutLogic().GetLayoutNode() if manager is not None else None  # there is none without a window
    if node is not None and not node.IsLayoutDescription(number):
        node.AddLayoutDescription(number, description)
