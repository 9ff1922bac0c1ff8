"""Fill the page, with its pictures inside."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from batterycell import palette
from batterycell.overhang.columns import FLAGS, READABLE_FLAGS
from batterycell.tables import Table

from .findings import Findings
from .marks import marks
from .stages import sections
from .verdict import judged
from .words import FILTERS, facts, told, winding_rows

_LARGEST_PNG = 500_000
_JPEG_QUALITY = 88
_WIDEST_PX = 1600
_MOST_NEGATIVES = 100
_MOST_FILES = 400


def write_report(findings: Findings, summary: dict[str, Any], provenance: dict[str, Any], folder: Path) -> None:
    """Write ``report.html`` into a result folder that holds its pictures.

    Args:
        findings: Tables and pictures; what is absent has no section.
        summary: Of `batterycell.summary.summarize`, or of `summarize_volume` where no overhang was measured.
        provenance: Of `batterycell.provenance.describe`.
        folder: Holds ``overview.png``, ``overhang_map.png`` and ``longitudinal_*.png``; one that is absent is left out.
    """
    pictures = {path.stem: data_url(path) for path in sorted(folder.glob("*.png"))}
    page = template("report.html.jinja").render(
        summary=summary,
        provenance=provenance,
        tells=told(summary),
        judged=judged(findings.verdict),
        sections=sections(findings.stages, pictures),
        marks=marks(findings),
        pictures=pictures,
        views=[(data_url(path), caption) for path, caption in findings.views],
        ruler_pictures=[(data_url(path), caption) for path, caption in findings.ruler_pictures],
        longitudinal={name: _caption(name) for name in pictures if name.startswith("longitudinal")},
        files=provenance["inputs"][:_MOST_FILES],
        colors=page_colors(),
        **_measured(findings.overhang, summary),
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _measured(overhang: Table | None, summary: dict[str, Any]) -> dict[str, Any]:
    """What the sections on the overhang need; ``windings`` is None where none was measured."""
    if overhang is None or not len(overhang):
        return {"windings": None}
    return {
        "facts": facts(summary),
        "windings": winding_rows(overhang, summary["overhang_common_uncertainty_um"]),
        "negatives": summary["negatives"][:_MOST_NEGATIVES],
        "unreadable": {flag: meaning for flag, meaning in FLAGS.items() if flag not in READABLE_FLAGS},
    }


def page_colors() -> dict[str, str]:
    """The project's colours, for the style sheet."""
    return {name.lower(): value for name, value in vars(palette).items() if _is_color(name, value)}


def _is_color(name: str, value: object) -> bool:
    """Whether it is a colour; a module also holds its own path, which is nobody's business in a mailed page."""
    return name.isupper() and isinstance(value, str)


def template(name: str) -> Any:
    """A page of this package, to be rendered."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(FILTERS)
    return environment.get_template(name)


def _caption(name: str) -> str:
    angle = name.removeprefix("longitudinal_").removesuffix("deg").lstrip("0") or "0"
    return f"Longitudinal section at {angle}°"


def data_url(path: Path) -> str:
    """The picture as text for a page; a large one as JPEG, so that the page can be mailed."""
    data, kind = path.read_bytes(), path.suffix[1:]
    if kind == "png" and len(data) > _LARGEST_PNG:
        data, kind = _as_jpeg(data), "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _as_jpeg(png: bytes) -> bytes:
    from PIL import Image

    jpeg = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.thumbnail((_WIDEST_PX, picture.height))
    picture.save(jpeg, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return jpeg.getvalue()
