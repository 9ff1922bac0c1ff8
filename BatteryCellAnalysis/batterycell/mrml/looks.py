"""What a volume rendering shows at which grey value, and how opaque."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batterycell import palette
from batterycell.clip import GreySteps

_Color = tuple[float, float, float]

# Position in the grey-value window, and opacity or colour there: air clear, sheets warm, steel bright.
_NATURAL_OPACITY = ((0.0, 0.0), (0.1, 0.0), (0.2, 0.7), (0.5, 0.9), (1.0, 1.0))
_NATURAL_COLORS: tuple[tuple[float, _Color], ...] = (
    (0.0, (0.20, 0.20, 0.22)),
    (0.12, (0.50, 0.48, 0.46)),
    (0.3, (0.72, 0.64, 0.55)),
    (0.5, (0.88, 0.80, 0.68)),
    (0.75, (0.86, 0.90, 0.95)),
    (1.0, (1.0, 1.0, 1.0)),
)
# How far colours run into each other at a step, as a share of the way to the next.
_BLEND = 0.15


@dataclass(frozen=True)
class Look:
    """Opacity and colour over the grey values of a scan.

    Args:
        opacity: Grey values, rising, and the opacity there (0 clear, 1 opaque).
        colors: Grey values, rising, and red, green, blue there (0..1).
        gradient_opacity: Steps of grey from voxel to voxel, rising, and what is left of the opacity there.
    """

    opacity: tuple[tuple[float, float], ...]
    colors: tuple[tuple[float, _Color], ...]
    gradient_opacity: tuple[tuple[float, float], ...] = ()


def natural_look(window: tuple[float, float]) -> Look:
    """Air clear, sheets warm grey, steel bright: for pictures in which colours mark something else.

    Args:
        window: Lowest and highest grey value to show (`window_range`).
    """
    low, span = window[0], window[1] - window[0]
    return Look(
        tuple((low + position * span, value) for position, value in _NATURAL_OPACITY),
        tuple((low + position * span, color) for position, color in _NATURAL_COLORS),
    )


def parts_look(steps: GreySteps) -> Look:
    """Air clear, anodes, cathodes and the can each in its colour of the palette, as far as their grey values differ.

    On the way from air to steel grey values pass through those of anode and cathode: where they change that steeply
    they are cleared, else every wall would wear a skin in the wrong colour.
    """
    anode, cathode, can = (palette.to_rgb(color) for color in (palette.ANODE, palette.CATHODE, palette.CAN))
    bright: _Color = (0.74, 0.76, 0.79)
    soft, firm = steps.anode - steps.air, steps.cathode - steps.anode
    # The darker half of the anodes' greys is shared with haze in the gas.
    opacity = (
        (steps.air + 0.5 * soft, 0.0),
        (steps.air + 0.8 * soft, 0.3),
        (steps.anode, 0.6),
        (steps.anode + _BLEND * firm, 0.95),
        (steps.cathode, 1.0),
    )
    colors = (
        (steps.anode - _BLEND * soft, anode),
        (steps.anode + _BLEND * firm, cathode),
        (steps.cathode - _BLEND * firm, cathode),
        (steps.cathode + _BLEND * firm, can),
        (max(steps.steel, steps.cathode + 2 * _BLEND * firm), bright),
    )
    return Look(opacity, colors, ((0.0, 1.0), (0.55 * soft, 1.0), (1.1 * soft, 0.0)))


def add_look(scene: Any, look: Look, size_mm: float, name: str = "Look") -> Any:
    """Add a look to a scene.

    Args:
        scene: The scene.
        look: The look.
        size_mm: Radius of the cell: opacities hold for a way of a hundredth of it.
        name: The node's name.

    Returns:
        The new ``vtkMRMLVolumePropertyNode``, lit.
    """
    node = scene.AddNewNodeByClass("vtkMRMLVolumePropertyNode", name)
    set_look(node, look, size_mm)
    return node


def set_look(node: Any, look: Look, size_mm: float) -> None:
    """Give a ``vtkMRMLVolumePropertyNode`` a look; arguments as for `add_look`."""
    from vtkmodules.vtkRenderingCore import vtkColorTransferFunction

    colors = vtkColorTransferFunction()
    for grey, color in look.colors:
        colors.AddRGBPoint(grey, *color)
    changing = node.StartModify()
    node.SetColor(colors)
    node.SetScalarOpacity(_function(look.opacity))
    node.SetGradientOpacity(_function(look.gradient_opacity or ((0.0, 1.0), (255.0, 1.0))))
    _light(node.GetVolumeProperty(), size_mm)
    node.EndModify(changing)


def _function(points: tuple[tuple[float, float], ...]) -> Any:
    from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction

    function = vtkPiecewiseFunction()
    for position, value in points:
        function.AddPoint(position, value)
    return function


def _light(look: Any, size_mm: float) -> None:
    look.SetShade(True)
    look.SetAmbient(0.45)
    look.SetDiffuse(0.8)
    look.SetSpecular(0.2)
    look.SetInterpolationTypeToLinear()
    look.SetScalarOpacityUnitDistance(size_mm / 100)
