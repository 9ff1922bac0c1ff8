"""What the desktop tests of objects share: labels, measuring, clicks; skipping where the worker cannot label."""

import numpy as np
import slicer
from batterycell import mrml
from batterycell.volume import Volume
from harness import open_module, plain, show_only, skip_unless, wait_until, worker_imports

MATRIX = np.diag([-0.001, -0.001, 0.001, 1.0])


can_find = skip_unless(
    lambda: worker_imports("cc3d", "edt"), "the worker finds no cc3d and edt (set BATTERYCELL_PACKAGES)"
)


def drag_over_bars(first: float, last: float) -> None:
    """Drag with the left button over a part of the first plot view, 0..1 from left to right."""
    view = slicer.app.layoutManager().plotWidget(0).plotView()
    across, upward = view.chart().GetAxis(1), view.chart().GetAxis(0)
    left, width = across.GetPoint1()[0], across.GetPoint2()[0] - across.GetPoint1()[0]
    low, high = upward.GetPoint1()[1], upward.GetPoint2()[1]
    start, end = (left + first * width + 1, low + 1), (left + last * width - 1, high - 2)
    interactor = view.renderWindow().GetInteractor()
    interactor.SetEventInformation(*map(round, start), 0, 0)
    interactor.InvokeEvent("LeftButtonPressEvent")
    for share in (0.3, 0.7, 1.0):
        x, y = (round(a + share * (b - a)) for a, b in zip(start, end, strict=True))
        interactor.SetEventInformation(x, y, 0, 0)
        interactor.InvokeEvent("MouseMoveEvent")
    interactor.InvokeEvent("LeftButtonReleaseEvent")
    slicer.app.processEvents()


def spheres(count=60, size=96, seed=1):
    """Labels with spheres of class 2 that do not touch, in class 1."""
    rng = np.random.default_rng(seed)
    array = np.ones((size, size, size), np.uint8)
    grid = np.indices(array.shape)
    taken = []
    while len(taken) < count:
        radius = rng.uniform(3, 7)
        center = rng.uniform(radius + 1, size - radius - 2, 3)
        if all(np.linalg.norm(center - other) > radius + far + 2 for other, far in taken):
            taken.append((center, radius))
            box = tuple(slice(int(c - radius - 1), int(c + radius + 3)) for c in center)
            inside = sum((grid[n][box] - center[n]) ** 2 for n in range(3)) <= radius**2
            array[box][inside] = 2
    return Volume(array, MATRIX, "made", "electrode")


def add_labels(volume):
    """A label volume with named classes."""
    return mrml.add_volume(slicer.mrmlScene, volume, volume.name)


def choose(widget, node):
    """Choose labels and wait until they are read."""
    widget.panel.parameters.objectsLabels = node
    widget.panel.refresh()
    wait_until(
        lambda: widget.panel.objects.labels.classes or "being read" not in widget.panel.objects.labels.problem, 30
    )


def opened():
    """The panel with labels chosen."""
    widget = open_module()
    show_only(widget, "Objects")
    node = add_labels(spheres())
    choose(widget, node)
    return widget, widget.ui, node


def settle():
    for _ in range(5):
        slicer.app.processEvents()


def measured(**settings):
    """The panel with objects measured in class 2."""
    widget, ui, node = opened()
    widget.panel.parameters.objectsClasses = "1=pore,2=NMC"
    wait_until(lambda: ui.objectsOfComboBox.count == 3, 30)
    ui.objectsOfComboBox.setCurrentIndex(2)
    for name, value in settings.items():
        setattr(widget.panel.parameters, name, value)
    run(widget, ui.objectsMeasureButton)
    return widget, ui, node


def run(widget, button):
    """Press a button that starts a worker and wait."""
    assert button.enabled, button.toolTip
    button.click()
    assert widget.ui.objectsProgressRow.visible, plain(widget.ui.objectsMessage)
    wait_until(lambda: not widget.panel.objects.job.isRunning)
    settle()


def has_rows(ui, count):
    """Whether the table comes to have so many rows: what a worker found is shown some events later."""
    try:
        wait_until(lambda: ui.objectsTableView.model().rowCount() == count, 20)
    except AssertionError as error:
        raise AssertionError(f"{ui.objectsTableView.model().rowCount()} rows; {plain(ui.objectsMessage)}") from error
    return True


def world_of(objects, number):
    """A voxel of an object as the views show it."""
    array = slicer.util.arrayFromVolume(objects)
    k, j, i = np.argwhere(array == number)[0].tolist()
    world = [0.0, 0.0, 0.0]
    objects.TransformPointToWorld(mrml.volume_from_node(objects).to_ras([i, j, k]).tolist(), world)
    return world


def click(name, world):
    """Click a place in a slice view that shows it."""
    widget = slicer.app.layoutManager().sliceWidget(name)
    node = widget.mrmlSliceNode()
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *world)
    settle()
    inverse = np.linalg.inv(slicer.util.arrayFromVTKMatrix(node.GetXYToRAS()))
    pixel = np.rint((inverse @ [*world, 1.0])[:2]).astype(int).tolist()
    slicer.util.clickAndDrag(widget, start=pixel, end=pixel, steps=1)
    settle()
