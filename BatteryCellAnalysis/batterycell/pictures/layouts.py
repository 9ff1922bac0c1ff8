"""How Slicer's layouts divide a picture into views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from xml.etree import ElementTree

_FOUR_UP = (
    '<layout type="vertical">'
    '<item><layout type="horizontal"><item><view class="vtkMRMLSliceNode" singletontag="Red"/></item>'
    '<item><view class="vtkMRMLViewNode" singletontag="1"/></item></layout></item>'
    '<item><layout type="horizontal"><item><view class="vtkMRMLSliceNode" singletontag="Green"/></item>'
    '<item><view class="vtkMRMLSliceNode" singletontag="Yellow"/></item></layout></item></layout>'
)
_VIEWS = {"vtkMRMLSliceNode": "slice", "vtkMRMLViewNode": "3D"}


@dataclass(frozen=True)
class Place:
    """A view's place in a picture.

    Args:
        view: Its layout name, e.g. "Red" or "1".
        kind: "slice", "3D", or "other" for views that hold no cell (tables, plots).
        box: Left, top, width and height in pixels.
    """

    view: str
    kind: str
    box: tuple[int, int, int, int]


def places(description: str, size: tuple[int, int]) -> list[Place]:
    """Where the views of a layout stand.

    Args:
        description: Slicer's XML of the layout; anything else stands for four views.
        size: Width and height of the picture in pixels.
    """
    try:
        root = ElementTree.fromstring(description)
    except ElementTree.ParseError:
        root = ElementTree.fromstring(_FOUR_UP)
    return list(_places(root, (0, 0, *size)))


def _places(element: ElementTree.Element, box: tuple[int, int, int, int]) -> Iterator[Place]:
    if element.tag == "view":
        kind = _VIEWS.get(element.get("class", ""), "other")
        yield Place(element.get("singletontag") or "", kind, box)
        return
    items = [item for item in element.findall("item") if len(item)]
    if element.get("type") == "tab":
        items = items[:1]
    for item, part in zip(items, _parts(element, items, box), strict=True):
        yield from _places(item[0], part)


def _parts(
    element: ElementTree.Element, items: list[ElementTree.Element], box: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """The items' boxes: side by side, one above the other, or in a grid."""
    left, top, width, height = box
    kind = element.get("type", "horizontal")
    across = _cuts(items, width, "column", kind == "grid", kind == "horizontal")
    down = _cuts(items, height, "row", kind == "grid", kind == "vertical")
    for (x, right), (y, bottom) in zip(across, down, strict=True):
        yield left + x, top + y, right - x, bottom - y


def _cuts(
    items: list[ElementTree.Element], length: int, name: str, in_grid: bool, divides: bool
) -> list[tuple[int, int]]:
    """Where each item starts and ends along a side of the box."""
    if in_grid:
        places = [int(item.get(name, "0")) for item in items]
        return [(length * place // (max(places) + 1), length * (place + 1) // (max(places) + 1)) for place in places]
    if not divides:
        return [(0, length)] * len(items)
    sizes = [float(item.get("splitSize", "0")) for item in items]
    ends = [0.0, *accumulate(sizes if all(sizes) else [1.0] * len(items))]
    cuts = [round(length * end / ends[-1]) for end in ends]
    return list(pairwise(cuts))
