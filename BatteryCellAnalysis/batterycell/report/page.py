"""Fill the page, with its pictures inside."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from batterycell import palette
from batterycell.overhang.columns import FLAGS, OVERHANG_COLUMNS, READABLE_FLAGS
from batterycell.result import CellResult

from .words import FILTERS, facts, verdict, winding_rows

_LARGEST_PNG = 500_000
_JPEG_QUALITY = 88
_MOST_NEGATIVES = 100
_MOST_FILES = 400


def write_report(result: CellResult, summary: dict[str, Any], provenance: dict[str, Any], folder: Path) -> None:
    """Write ``report.html`` into a result folder that holds its pictures.

    Args:
        result: The measured cell.
        summary: Of `batterycell.summary.summarize`.
        provenance: Of `batterycell.provenance.collect`.
        folder: Holds ``overview.png``, ``overhang_map.png`` and ``longitudinal_*.png``; one that is absent is left out.
    """
    pictures = {path.stem: _data_url(path) for path in sorted(folder.glob("*.png"))}
    page = _template().render(
        summary=summary,
        provenance=provenance,
        verdict=verdict(summary),
        facts=facts(summary),
        windings=winding_rows(result.overhang),
        negatives=summary["negatives"][:_MOST_NEGATIVES],
        files=provenance["inputs"][:_MOST_FILES],
        unreadable={flag: meaning for flag, meaning in FLAGS.items() if flag not in READABLE_FLAGS},
        columns=OVERHANG_COLUMNS,
        pictures=pictures,
        longitudinal={name: _caption(name) for name in pictures if name.startswith("longitudinal")},
        colors={name.lower(): value for name, value in vars(palette).items() if _is_color(name, value)},
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _is_color(name: str, value: object) -> bool:
    """Whether it is a colour; a module also holds its own path, which is nobody's business in a mailed page."""
    return name.isupper() and isinstance(value, str)


def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(FILTERS)
    return environment.get_template("report.html.jinja")


def _caption(name: str) -> str:
    angle = name.removeprefix("longitudinal_").removesuffix("deg").lstrip("0") or "0"
    return f"Longitudinal section at {angle}°"


def _data_url(path: Path) -> str:
    """The picture as text for a page; a large one as JPEG, so that the page can be mailed."""
    data, kind = path.read_bytes(), "png"
    if len(data) > _LARGEST_PNG:
        data, kind = _as_jpeg(data), "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _as_jpeg(png: bytes) -> bytes:
    from PIL import Image

    jpeg = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(jpeg, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return jpeg.getvalue()
