"""The page of a movie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.measured import Stage
from batterycell.told import rounded

from .page import data_url, page_colors, template
from .stages import sections

_MOST_FILES = 400
FACTS = (
    "law_exchange_per_h",
    "law_fall_kt",
    "law_ln_k_sd",
    "law_left_out_chi",
    "movie_c_rate_per_h_insertion",
    "movie_c_rate_per_h_extraction",
    "movie_uniformity_asymmetry",
    "movie_fraction_first",
    "movie_fraction_last",
    "movie_sigma_median",
    "movie_particles_count",
    "movie_points_count",
    "movie_drift_span_px",
)


def write_movie_report(
    stages: Sequence[Stage],
    summary: dict[str, Any],
    provenance: dict[str, Any],
    drawn: Sequence[tuple[Path, str, str]],
    folder: Path,
) -> None:
    """Write ``report.html`` into a result folder that holds its pictures.

    Args:
        stages: What was found.
        summary: As it was written.
        provenance: As it was written.
        drawn: Picture, caption and stage of each, in order.
        folder: Where to write.
    """
    page = template("movie.html.jinja").render(
        summary=summary,
        provenance=provenance,
        colors=page_colors(),
        pictures=[(data_url(path), caption, stage) for path, caption, stage in drawn],
        sections=sections(stages, {}),
        facts=_facts(stages),
        files=provenance["inputs"][:_MOST_FILES],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _facts(stages: Sequence[Stage]) -> list[tuple[str, str]]:
    """The few numbers everybody wants, as (value, meaning)."""
    found = {one.name: one for stage in stages for one in stage.quantities if np.isfinite(one.value)}
    wanted = [found[name] for name in FACTS if name in found]
    return [(f"{rounded(one.value, one.uncertainty)} {one.units}".rstrip(), one.title) for one in wanted]
