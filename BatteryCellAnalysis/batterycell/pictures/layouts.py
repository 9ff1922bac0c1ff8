"""How Slicer's layouts divide a picture into views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    rows, columns = [_grid(element, items, name) for name in ("row", "column")]
    for row, column in zip(rows, columns, strict=True):
        x, y = (width * column // (max(columns) + 1), height * row // (max(rows) + 1))
        right, bottom = (width * (column + 1) // (max(columns) + 1), height * (row + 1) // (max(rows) + 1))
        yield left + x, top + y, right - x, bottom - y


def _grid(element: ElementTree.Element, items: list[ElementTree.Element], name: str) -> list[int]:
    """Row or column of each item."""
    kind = element.get("type", "horizontal")
    if kind == "grid":
        return [int(item.get(name, "0")) for item in items]
    counted = kind == ("vertical" if name == "row" else "horizontal")
    return [index if counted else 0 for index in range(len(items))]
