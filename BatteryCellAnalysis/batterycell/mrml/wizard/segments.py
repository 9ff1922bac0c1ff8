"""Segments of a segmentation node by the id of their class: names, colours, order; what is painted stays apart."""

from __future__ import annotations

from typing import Any

from batterycell import palette

REPRESENTATION = "Binary labelmap"


def segment_ids(segmentation_node: Any) -> list[str]:
    """The ids of all segments, in order."""
    return list(segmentation_node.GetSegmentation().GetSegmentIDs())


def look_of(segmentation_node: Any, segment_id: str) -> tuple[str, str]:
    """Name and colour (#RRGGBB) of a segment."""
    segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
    return segment.GetName(), to_hex(segment.GetColor())


def put_segment(segmentation_node: Any, segment_id: str, name: str, color: str) -> None:
    """Give a segment a name and a colour; it is added, empty, where it is missing."""
    segmentation = segmentation_node.GetSegmentation()
    segment = segmentation.GetSegment(segment_id)
    if segment is None:
        segmentation.AddEmptySegment(segment_id, name, palette.to_rgb(color))
    elif look_of(segmentation_node, segment_id) != (name, color):
        segment.SetName(name)
        segment.SetColor(*palette.to_rgb(color))


def put_order(segmentation_node: Any, ids: list[str]) -> None:
    """Bring segments into an order; others stay behind them."""
    segmentation = segmentation_node.GetSegmentation()
    for index, segment_id in enumerate(ids):
        if segmentation.GetSegmentIndex(segment_id) != index:
            segmentation.SetSegmentIndex(segment_id, index)


def to_hex(color: Any) -> str:
    """``"#RRGGBB"`` of red, green and blue in 0..1."""
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02X}" for part in color)
