"""How maps of a movie look: title, unit, colours and range, the same in views, legends and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.load.result import MapStack

_LEGEND = "vtkMRMLColorLegendDisplayNode"
_GREY = "vtkMRMLColorTableNodeGrey"
_VIRIDIS, _INFERNO, _PLASMA, _DIVERGING = (
    f"vtkMRMLColorTableNodeFile{name}.txt" for name in ("Viridis", "Inferno", "Plasma", "DivergingBlueRed")
)
# A few pixels beyond these shares must not take the colours of all others.
_LOW, _HIGH = 1.0, 99.0
# At the right edge of a view, in shares of its size.
_LEGEND_PLACE, _LEGEND_SIZE = (0.98, 0.5), (0.12, 0.5)
_ROOM = 1.3
_MOST_VALUES = 2_000_000


@dataclass(frozen=True)
class Look:
    """How one map looks.

    Args:
        title: Its name for people.
        unit: Its unit; empty for none.
        colors: ID of its colour node.
        range: Values of the first and the last colour; None finds them.
        signed: Whether 0 is in the middle of the colours.
    """

    title: str
    unit: str = ""
    colors: str = _GREY
    range: tuple[float, float] | None = None
    signed: bool = False

    @property
    def label(self) -> str:
        """Title and unit."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title

    @property
    def plain(self) -> str:
        """Title in letters that Slicer's views can show."""
        return in_views(self.title)


FRAMES = "frames"
# The maps that come into a scene, in the order in which they are offered; all others stay in their folder.
LOOKS: dict[str, Look] = {
    "lithium": Look("Lithium", "Li per metal", _VIRIDIS, (0.0, 1.0)),
    "lithium_unbounded": Look("Lithium without bounds", "Li per metal", _VIRIDIS, (0.0, 1.0)),
    "lithium_sigma": Look("Lithium, σ", "Li per metal", _INFERNO),
    "rate_per_h": Look("Rate", "1/h", _DIVERGING, signed=True),
    "rate_sigma_per_h": Look("Rate, σ", "1/h", _INFERNO),
    "front_time_s": Look("Front passes", "s", _PLASMA),
    "front_speed_um_per_h": Look("Front speed", "µm/h", _INFERNO),
    "k": Look("Reactivity k", "of the mean", _PLASMA),
    "ln_k_sigma": Look("ln k, σ", "", _INFERNO),
    "lithium_predicted": Look("Lithium, by the law", "Li per metal", _VIRIDIS, (0.0, 1.0)),
    "lithium_misfit": Look("Left by the law", "σ", _DIVERGING, (-3.0, 3.0), signed=True),
    "residual_od": Look("Left by the fit", "optical density", _INFERNO),
    "optical_density": Look("Optical density", "", _GREY),
    FRAMES: Look("Frames", "", _GREY),
}


def in_views(words: str) -> str:
    """Words in letters that Slicer's views can show."""
    return words.replace("σ", "sigma")


def look_of(name: str) -> Look:
    """How a map looks, by its name."""
    return LOOKS.get(name) or Look(name.replace("_", " "))


def range_of(stack: MapStack) -> tuple[float, float]:
    """Values of a map's first and last colour."""
    look = look_of(stack.name)
    return look.range or value_range(stack.values, look.signed)


def value_range(values: NDArray[Any], signed: bool = False) -> tuple[float, float]:
    """A range that holds nearly all finite values, with 0 in its middle if ``signed``."""
    flat = values.reshape(-1)
    sample = flat[:: max(1, flat.size // _MOST_VALUES)].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return 0.0, 1.0
    low, high = (float(one) for one in np.percentile(sample, (_LOW, _HIGH)))
    if signed:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    return (low, high) if high > low else (low, low + 1.0)


def dress(volume_node: Any, title: str, colors: str, window: tuple[float, float]) -> Any:
    """Give a volume colours, a range and, where the scene can show one, a colour legend; pixels without value vanish.

    Returns:
        The display node.
    """
    volume_node.CreateDefaultDisplayNodes()
    display = volume_node.GetDisplayNode()
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(*window)
    known = volume_node.GetScene().GetNodeByID(colors)
    display.SetAndObserveColorNodeID(colors if known is not None else _GREY)
    display.SetInterpolate(False)
    # What is no number passes no threshold.
    display.SetThreshold(-1e30, 1e30)
    display.ApplyThresholdOn()
    _add_legend(volume_node, title)
    return display


def _add_legend(volume_node: Any, title: str) -> None:
    scene = volume_node.GetScene()
    displays = [volume_node.GetNthDisplayNode(n) for n in range(volume_node.GetNumberOfDisplayNodes())]
    if any(one.IsA(_LEGEND) for one in displays) or not scene.IsNodeClassRegistered(_LEGEND):
        return
    legend = scene.AddNewNodeByClass(_LEGEND, f"{title} legend")
    legend.SetTitleText(in_views(title).replace(" [", "\n["))
    legend.SetLabelFormat("%.3g")
    legend.SetPosition(*_LEGEND_PLACE)
    legend.SetSize(*_LEGEND_SIZE)
    legend.SetNodeReferenceID("primaryDisplay", volume_node.GetDisplayNode().GetID())
    legend.SetAndObserveColorNodeID(volume_node.GetDisplayNode().GetColorNodeID())
    volume_node.AddAndObserveDisplayNodeID(legend.GetID())


def redraw_legends(volume_node: Any) -> None:
    """Let a view draw the legend of a volume that it began to show: it does not look by itself; None for nothing."""
    for number in range(volume_node.GetNumberOfDisplayNodes() if volume_node is not None else 0):
        display = volume_node.GetNthDisplayNode(number)
        if display is not None and display.IsA(_LEGEND):
            display.Modified()


def leave_room_for_legend(slice_node: Any) -> None:
    """Move what a view was fitted to aside, so that the legend covers none of it."""
    width, height, depth = slice_node.GetFieldOfView()
    x, y, z = slice_node.GetXYZOrigin()  # mm along the screen
    slice_node.SetFieldOfView(width * _ROOM, height * _ROOM, depth)
    slice_node.SetXYZOrigin(x + width * (_ROOM - 1) / 2, y, z)
    slice_node.UpdateMatrices()
