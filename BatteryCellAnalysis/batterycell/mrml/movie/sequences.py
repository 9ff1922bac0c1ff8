"""Maps over time as Slicer's sequences, and the browser in which they are played."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.load.result import MapStack
from batterycell.mrml.names import set_name
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.sequence_nrrd import write_sequence
from batterycell.mrml.volumes import storable, to_image, to_vtk_matrix, volume_from_node
from batterycell.mrml.wizard.magnified import FOLLOWED_MM, ensure_transform
from batterycell.volume import UM_PER_MM


def add_sequence(scene: Any, stack: MapStack, name: str) -> Any:
    """Add maps to a scene.

    Returns:
        The new ``vtkMRMLSequenceNode``, with time in s or energy in eV as its index.
    """
    import slicer

    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode")
    set_name(node, name)
    node.SetIndexName(stack.index[0])
    node.SetIndexUnit(stack.index[1])
    node.SetIndexType(slicer.vtkMRMLSequenceNode.NumericIndex)
    steps = np.diff(stack.places)
    if steps.size and steps.min() > 0:
        node.SetNumericIndexValueTolerance(float(min(1e-3, steps.min() / 2)))
    frame = slicer.vtkMRMLScalarVolumeNode()
    set_name(frame, name)
    frame.SetIJKToRASMatrix(to_vtk_matrix(place_of(stack.pixel_um)))
    for values, place in zip(stack.values, stack.places, strict=True):
        frame.SetAndObserveImageData(to_image(storable(values[None])))
        node.SetDataNodeAtValue(frame, repr(float(place)))
    return node


def add_image(scene: Any, stack: MapStack, number: int, name: str) -> Any:
    """Add one image of a map to a scene as a ``vtkMRMLScalarVolumeNode``."""
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    set_name(node, name)
    node.SetIJKToRASMatrix(to_vtk_matrix(place_of(stack.pixel_um)))
    # A copy: the file may go while the node stays.
    node.SetAndObserveImageData(to_image(storable(np.array(stack.values[number : number + 1]))))
    return node


def place_of(pixel_um: tuple[float, float]) -> NDArray[np.float64]:
    """Where pixels of a movie lie, (i, j, k) to RAS mm, shape (4, 4): rows run downward in an axial view."""
    height, width = (size / UM_PER_MM for size in pixel_um)
    return np.diag([-width, -height, min(height, width), 1.0])


def magnify_image(volume_node: Any) -> None:
    """Show an image a thousand times larger where views could not follow its fine pixels else."""
    if min(volume_node.GetSpacing()) < FOLLOWED_MM and volume_node.GetTransformNodeID() is None:
        volume_node.SetAndObserveTransformNodeID(ensure_transform(volume_node.GetScene()).GetID())


def add_browser(scene: Any, name: str, sequences: Sequence[Any]) -> Any:
    """Play sequences together in a browser, the first one giving the steps.

    Returns:
        The new ``vtkMRMLSequenceBrowserNode``; its proxy volumes are in the scene.
    """
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
    set_name(browser, name)
    first, *others = sequences
    browser.SetAndObserveMasterSequenceNodeID(first.GetID())
    for one in others:
        browser.AddSynchronizedSequenceNodeID(one.GetID())
    # Seconds, not thousandths of them, and every step is shown.
    browser.SetIndexDisplayFormat("%.6g")
    browser.SetPlaybackRateFps(5.0)
    update_proxies(browser)
    return browser


def update_proxies(browser: Any) -> None:
    """Let the proxy volumes of a browser show its present step."""
    import slicer

    slicer.vtkSlicerSequencesLogic().UpdateProxyNodesFromSequences(browser)


def browser_of(sequence: Any) -> Any:
    """The browser that plays a sequence; None where none does."""
    found = nodes_of(sequence.GetScene(), "vtkMRMLSequenceBrowserNode")
    return next((one for one in found if one.IsSynchronizedSequenceNode(sequence, True)), None)


def proxy_of(sequence: Any) -> Any:
    """The volume that shows the present step of a sequence; None where it is not played."""
    browser = browser_of(sequence)
    return browser.GetProxyNode(sequence) if browser is not None else None


def stack_of(sequence: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Images of a sequence that someone loaded, shape (n, rows, columns), and its index values, shape (n,).

    Index values that are no numbers are counted from 1.

    Raises:
        InputError: if it holds something else, or images of several sizes.
    """
    images = [_image(sequence, number) for number in range(sequence.GetNumberOfDataNodes())]
    if not images or len({one.shape for one in images}) > 1:
        raise _no_movie(sequence)
    return np.stack(images), index_values(sequence)


def _image(sequence: Any, number: int) -> NDArray[Any]:
    """One image of a sequence, shape (rows, columns)."""
    node = sequence.GetNthDataNode(number)
    try:
        array = volume_from_node(node).array
    except (InputError, AttributeError) as error:
        raise _no_movie(sequence) from error
    if len(array) != 1:
        raise _no_movie(sequence)
    return np.asarray(array[0])


def _no_movie(sequence: Any) -> InputError:
    message = f"The sequence {sequence.GetName()} holds no images of one size."
    return InputError("movie-sequence", message, "Choose a sequence of grey images.")


def index_values(sequence: Any) -> NDArray[np.float64]:
    """Index values of a sequence as numbers, shape (n,); counted from 1 where they are none."""
    count = sequence.GetNumberOfDataNodes()
    try:
        return np.array([float(sequence.GetNthIndexValue(number)) for number in range(count)])
    except ValueError:
        return np.arange(1.0, count + 1)


def pixel_of(sequence: Any) -> tuple[float, float]:
    """Height and width of a pixel of a sequence of images in µm."""
    width, height, _ = sequence.GetNthDataNode(0).GetSpacing()
    return height * UM_PER_MM, width * UM_PER_MM


def go_to_time(browser: Any, time_s: float) -> None:
    """Let a browser show the step nearest to a time."""
    values = index_values(browser.GetMasterSequenceNode())
    if len(values) and np.isfinite(time_s):
        browser.SetSelectedItemNumber(int(np.argmin(np.abs(values - time_s))))


def time_of(browser: Any) -> float:
    """Index value of the step that a browser shows; NaN where it shows none."""
    number = browser.GetSelectedItemNumber()
    values = index_values(browser.GetMasterSequenceNode())
    return float(values[number]) if 0 <= number < len(values) else float("nan")


def write_frames(sequence: Any, path: Path) -> None:
    """Write a sequence that someone loaded, as a file that `load_movie` reads."""
    frames, values = stack_of(sequence)
    index = (sequence.GetIndexName(), sequence.GetIndexUnit())
    write_sequence(frames, pixel_of(sequence), values, index, path)
