"""Summary, provenance and report say what the table says, safely and in one file."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.annotate.rulers import Ruler, make_table
from batterycell.provenance import Sources, input_files
from batterycell.provenance import describe as describe_sources
from batterycell.report import Findings, write_report
from batterycell.report.marks import marks
from batterycell.report.words import verdict
from batterycell.result import CellResult, cell_from_json, cell_to_json
from batterycell.summary import by_winding, describe, summarize
from batterycell.tables import Table
from batterycell.told import headline
from made_result import WINDINGS, made_result


@pytest.fixture(scope="module")
def result() -> CellResult:
    return made_result()


def only(table: Table, values: list[float], flags: list[str]) -> Table:
    """The first rows of a table with other overhangs and flags."""
    rows = table.where(np.arange(len(table)) < len(values))
    return Table(rows.columns, {**rows.data, "overhang_um": np.array(values), "flag": np.array(flags)})


def provenance_of(result: CellResult, sources: Sources) -> dict[str, Any]:
    return describe_sources(result.volume, asdict(result.recipe), sources)


def page_of(result: CellResult, folder: Path, **changes: Any) -> str:
    provenance = provenance_of(result, Sources((), "batterycell analyze cell"))
    write_report(Findings(result.overhang), {**summarize(result), "notes": [], **changes}, provenance, folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_statistics_count_only_readable_rows(result: CellResult) -> None:
    flags = ["ok", "ok", "negative", "anode-unclear", "negative-unclear"]
    found = describe(only(result.overhang, [500.0, 700.0, -60.0, np.nan, np.nan], flags))
    assert (found.n, found.n_readable, found.n_negative) == (5, 3, 2)
    assert (found.mean_um, found.min_um, found.median_um, found.max_um) == (380.0, -60.0, 500.0, 700.0)
    assert found.sd_um == pytest.approx(np.std([500, 700, -60], ddof=1))
    # The inner face of winding 1 and the outer one of winding 2 are those of one anode: their ends err alike.
    assert found.u_mean_um == pytest.approx(30.0 * np.sqrt(2**2 + 1) / 3, rel=1e-6)


def test_a_table_without_readable_rows_has_no_mean(result: CellResult) -> None:
    found = describe(only(result.overhang, [np.nan], ["anode-unclear"]))
    assert found.n_readable == 0 and np.isnan(found.mean_um) and np.isnan(found.u_mean_um)


def test_the_summary_agrees_with_the_table(result: CellResult) -> None:
    summary = summarize(result)
    assert sum(summary["counts"]["flags"].values()) == len(result.overhang) == summary["counts"]["rows"]
    assert summary["overhang"]["all"] == summary["overhang"]["top"]
    assert summary["ends_in_volume"] == ["top"]
    assert summary["windings"] == WINDINGS and summary["angles"] == 12
    assert summary["can"]["outer_diameter_mm"] == 7.0
    assert summary["voxel_size_zyx_um"] == pytest.approx([100.0] * 3)
    negatives = [(row["winding"], row["side"], row["angle_deg"], row["overhang_um"]) for row in summary["negatives"]]
    assert negatives == [(2, "outer", 90.0, pytest.approx(-50.0)), (3, "inner", 90.0, None)]
    assert summary["negatives"][1]["cathode_k"] is not None and summary["negatives"][1]["anode_k"] is None


def test_the_summary_is_plain_json_even_where_nothing_was_read(result: CellResult) -> None:
    flags = np.full(len(result.overhang), "outside-volume")
    empty = Table(result.overhang.columns, {**result.overhang.data, "flag": flags})
    summary = summarize(replace(result, overhang=empty))
    assert json.loads(json.dumps(summary, allow_nan=False))["overhang"]["all"]["mean_um"] is None
    assert "no value readable" in headline(summary)


def test_the_headline_is_one_line_with_units(result: CellResult) -> None:
    assert re.fullmatch(
        r"Overhang: 117 values, mean \d+ ± \d+ µm, 2 negative; can 7\.000 ± 0\.010 mm", headline(summarize(result))
    )


def test_every_winding_side_has_its_statistics(result: CellResult) -> None:
    rows = {(winding, side): found for _, winding, side, found in by_winding(result.overhang)}
    assert len(rows) == 2 * WINDINGS
    assert rows[2, "outer"].n_negative == 1 and rows[WINDINGS, "inner"].n_readable == 0


def test_a_cell_comes_back_from_json(result: CellResult) -> None:
    cell = cell_from_json(json.loads(json.dumps(cell_to_json(result.cell))))
    np.testing.assert_array_equal(cell.frame.basis, result.cell.frame.basis)
    assert cell.can.outer_diameter_mm == result.cell.can.outer_diameter_mm
    assert (cell.heights_mm, cell.top_from) == (result.cell.heights_mm, result.cell.top_from)


def test_provenance_names_every_input_with_its_checksum(result: CellResult, tmp_path: Path) -> None:
    (tmp_path / "im1.tif").write_bytes(b"one")
    (tmp_path / "im2.tif").write_bytes(b"two")
    provenance = provenance_of(result, Sources(input_files(tmp_path), "batterycell analyze 'my cell'"))
    assert [entry["sha256"] for entry in provenance["inputs"]] == [
        hashlib.sha256(d).hexdigest() for d in (b"one", b"two")
    ]
    assert provenance["inputs"][0]["bytes"] == 3
    assert provenance["recipe"]["angles"] == 12 and "numpy" in provenance["packages"]
    json.dumps(provenance, allow_nan=False)


def test_a_header_brings_its_data_file(tmp_path: Path) -> None:
    for name in ("cell.mhd", "cell.raw", "other.raw"):
        (tmp_path / name).touch()
    assert [path.name for path in input_files(tmp_path / "cell.mhd")] == ["cell.mhd", "cell.raw"]


class References(HTMLParser):
    """Collects what a page loads from elsewhere, and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith("data:")]
        self.outside += ["script"] if tag in ("script", "link") else []
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_report_is_one_file_that_loads_nothing(result: CellResult, tmp_path: Path) -> None:
    from PIL import Image

    for name in ("overview", "overhang_map", "longitudinal_090deg"):
        Image.new("RGB", (20, 10)).save(tmp_path / f"{name}.png")
    page = page_of(result, tmp_path)
    parser = References()
    parser.feed(page)
    assert parser.outside == [] and parser.open == []
    assert page.count("data:image/png;base64,") == 3
    assert 'alt="Longitudinal section at 90°"' in page


def test_the_page_to_be_mailed_does_not_tell_where_the_program_lies(result: CellResult, tmp_path: Path) -> None:
    from batterycell import palette

    page = page_of(result, tmp_path)
    assert palette.ALARM in page and "palette" not in page and str(Path(palette.__file__).parent) not in page


def test_large_pictures_are_made_small_enough_to_mail(result: CellResult, tmp_path: Path) -> None:
    from PIL import Image

    noise = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "overview.png")
    page = page_of(result, tmp_path)
    assert "data:image/jpeg" in page and len(page) < 0.5 * (tmp_path / "overview.png").stat().st_size


def test_the_report_tells_the_negative_one_first(result: CellResult, tmp_path: Path) -> None:
    page = page_of(result, tmp_path)
    assert "1 of 117 overhangs read are negative, down to −50 ± 30 µm (top, winding 2, outer side, 90°)" in page
    assert "; 1 place where the anode is not above the cathode, its end unclear; no anode" in page
    assert '<td class="negative">not above the cathode, end unclear</td>' in page
    assert "; no anode seen at 12 places; 14 places not readable." in page
    assert 'class="verdict alarm"' in page


def test_a_cell_is_called_clear_only_where_enough_was_read(result: CellResult) -> None:
    def kind(flags: list[str]) -> str:
        values = [500.0 if flag == "ok" else np.nan for flag in flags]
        return verdict(summarize(replace(result, overhang=only(result.overhang, values, flags))))["kind"]

    assert kind(["ok"] * 100) == "clear"
    assert kind(["ok"] * 90 + ["no-anode"] * 10) == "unclear"
    assert kind(["anode-unclear"]) == "unclear"
    assert kind(["ok"] * 100 + ["negative-unclear"]) == kind(["negative-unclear"]) == "alarm"


def test_a_note_of_the_run_stands_in_the_report(result: CellResult, tmp_path: Path) -> None:
    assert "drawn plainly" in page_of(result, tmp_path, notes=["The overview is drawn plainly."])


def test_names_cannot_inject_markup(result: CellResult, tmp_path: Path) -> None:
    volume = replace(result.volume, name="<script>alert(1)</script>")
    page = page_of(replace(result, volume=volume), tmp_path)
    assert "<script>" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(("snapped_um", "shown"), [(14.0, ("300", "20")), (0.03, ("300.000", "0.042"))])
def test_no_ruler_claims_to_be_without_uncertainty(snapped_um: float, shown: tuple[str, str]) -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.3, 0.0, 0.0]])
    ruler = Ruler("gap", points * 10, points, np.eye(3) / 10, (snapped_um, snapped_um))
    row = marks(Findings(rulers=make_table([ruler])))["rulers"].rows[0]
    assert row[2:4] == shown
