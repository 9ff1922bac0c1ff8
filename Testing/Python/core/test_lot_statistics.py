"""A lot judged: verdicts from result folders, capability with its interval, odd cells, tables and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import lot
from batterycell.cli import main
from batterycell.cli.lot import exit_code
from batterycell.lot.capability import find_cp, find_cpk, robust_z
from batterycell.lot.columns import LOT_VERDICT_COLUMNS, STATISTICS_COLUMNS, STATISTICS_WORDS, VERDICT_COLUMNS
from batterycell.measured import Quantity, Stage, quantity_table
from batterycell.pouch.columns import POUCH_OVERHANG_COLUMNS
from batterycell.progress import Progress
from batterycell.summary import summarize
from batterycell.tables import Table, read_csv, write_csv
from batterycell.tolerance import Limit, Tolerances
from batterycell.tolerance.columns import TOLERANCE_DTYPES
from made_result import made_result

WALLS = {"a": 250.0, "b": 252.0, "c": 249.0, "d": 251.0, "e": 290.0, "f": 250.5}


def write_result(folder: Path, wall: float, negative: bool = False) -> dict[str, Any]:
    """A result folder as the main job writes it, as far as a lot reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    result = made_result()
    rows = np.isin(result.overhang["flag"], ("negative", "negative-unclear"))
    write_csv(result.overhang if negative else result.overhang.where(~rows), folder / "overhang.csv")
    wall_ = Quantity("can_wall_mean_um", "Wall, mean", wall, 2.0, "µm", "How thick the wall is.")
    count = Quantity("winding_count", "Windings", 21.0, 0.0, "", "How many turns.")
    write_csv(quantity_table([Stage("can", "Can", (wall_, count))]), folder / "quantities.csv")
    summary = summarize(result)
    (folder / "summary.json").write_text(json.dumps(summary))
    return summary


def measured(source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    return write_result(folder, WALLS[source.stem], negative=source.stem == "f")


def run(folder: Path, tolerances: Tolerances | None = None, names: str = "abcdef") -> Table:
    for name in names:
        (folder / f"{name}.nrrd").touch()
    return lot.run_lot(
        lot.name_cells([folder / f"{name}.nrrd" for name in names]), folder / "lot", measured, Progress(), tolerances
    )


def walls(lower: float, upper: float) -> Tolerances:
    return Tolerances((Limit("can_wall_mean_um", lower, upper, 250.0),), "drawing 7", "limits.toml")


def statistics_of(folder: Path) -> dict[str, dict[str, Any]]:
    table = read_csv(folder / "lot_statistics.csv", STATISTICS_COLUMNS, dict.fromkeys(STATISTICS_WORDS, str))
    return {str(table["quantity"][n]): {name: table[name][n].item() for name in table.data} for n in range(len(table))}


def test_every_cell_has_its_verdict_and_every_quantity(tmp_path: Path) -> None:
    table = run(tmp_path, walls(240, 260))
    assert table["verdict"].tolist() == ["pass", "pass", "pass", "pass", "fail", "fail"]
    assert "Negative" in table["verdict_why"][5] and "Wall" in table["verdict_why"][4]
    assert table["can_wall_mean_um"].tolist() == list(WALLS.values())
    assert table["u_can_wall_mean_um"].tolist() == [2.0] * 6
    assert {column.name for column in (*lot.LOT_COLUMNS, *VERDICT_COLUMNS)} <= set(table.data)


def test_cells_that_straddle_a_limit_cannot_be_told(tmp_path: Path) -> None:
    assert run(tmp_path, walls(251, 400), "ab")["verdict"].tolist() == ["cannot tell", "cannot tell"]


def test_without_tolerances_only_a_negative_overhang_fails(tmp_path: Path) -> None:
    assert run(tmp_path)["verdict"].tolist() == ["not judged"] * 5 + ["fail"]


def test_result_folders_are_judged_by_new_tolerances_without_a_measurement(tmp_path: Path) -> None:
    write_result(tmp_path / "old" / "one", 250.0)
    cells = lot.name_cells([tmp_path / "old"])
    for limits, verdict in ((walls(240, 260), "pass"), (walls(260, 280), "fail")):
        table = lot.run_lot(cells, tmp_path / "lot", lambda *_: pytest.fail("measured"), Progress(), limits)
        assert table["verdict"].tolist() == [verdict]
        assert "verdict of other tolerances" in table["message"][0]
    (tmp_path / "old" / "one" / "tolerances.json").write_text(json.dumps(walls(260, 280).to_json()))
    table = lot.run_lot(cells, tmp_path / "lot", lambda *_: pytest.fail("measured"), Progress(), walls(260, 280))
    assert table["message"].tolist() == [""]


def test_a_stack_of_sheets_is_a_row_too(tmp_path: Path) -> None:
    (tmp_path / "a.nrrd").touch()

    def measure_pouch(source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
        folder.mkdir(parents=True)
        places = [column for column in POUCH_OVERHANG_COLUMNS if column.name not in ("layer", "face", "edge", "flag")]
        rows: dict[str, Any] = {column.name: np.array([500.0, 700.0]) for column in places}
        rows |= {"layer": np.array([1, 2]), "face": np.array(["lower", "upper"]), "edge": np.array(["x-", "y+"])}
        rows["flag"] = np.array(["ok", "ok"])
        rows["uncertainty_um"] = np.array([20.0, 20.0])
        write_csv(Table(POUCH_OVERHANG_COLUMNS, rows), folder / "overhang.csv")
        count = Quantity("pouch_cathode_count", "Cathodes", 9.0, 0.0, "", "How many.")
        write_csv(quantity_table([Stage("pouch", "Pouch", (count,))]), folder / "quantities.csv")
        return {"cell": "a", "voxel_size_zyx_um": [40.0, 45.0, 45.0], "can": {}, "orientation": {}}

    limits = Tolerances((Limit("overhang.x_minus", lower=600.0), Limit("pouch_cathode_count", 9.0, 9.0)))
    table = lot.run_lot(lot.name_cells([tmp_path / "a.nrrd"]), tmp_path / "lot", measure_pouch, Progress(), limits)
    assert table["verdict"].tolist() == ["fail"] and "at the edge x-, layer 1" in table["verdict_why"][0]
    assert np.isnan(table["can_diameter_um"][0]) and table["pouch_cathode_count"].tolist() == [9.0]


def test_a_result_whose_tables_are_damaged_says_so_and_the_others_go_on(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_result(tmp_path / "old" / name, 250.0)
    (tmp_path / "old" / "one" / "quantities.csv").write_text("nonsense\n1\n")
    table = lot.run_lot(lot.name_cells([tmp_path / "old"]), tmp_path / "lot", measured, Progress(), walls(240, 260))
    assert table["verdict"].tolist() == ["", "pass"]
    assert "cannot be read" in table["message"][0]


def test_statistics_name_the_odd_cell_and_the_capability(tmp_path: Path) -> None:
    run(tmp_path, walls(240, 260))
    rows = statistics_of(tmp_path / "lot")
    wall, values = rows["can_wall_mean_um"], np.array(list(WALLS.values()))
    assert wall["n"] == 6 and wall["mean"] == pytest.approx(values.mean())
    assert wall["sd"] == pytest.approx(values.std(ddof=1)) and wall["odd"] == "e"
    assert wall["cp"] == pytest.approx(20 / (6 * values.std(ddof=1)))
    assert wall["cpk_low"] < wall["cpk"] < wall["cpk_high"]
    assert rows["winding_count"]["odd"] == "" and np.isnan(rows["winding_count"]["cpk"])
    verdicts = read_csv(tmp_path / "lot" / "lot_verdict.csv", LOT_VERDICT_COLUMNS, {**TOLERANCE_DTYPES, "cell": str})
    assert verdicts["cell"].tolist() == [name for name in "abcdef" for _ in range(2)]


def test_the_interval_of_cp_is_that_of_the_standard_deviation() -> None:
    values = np.random.default_rng(1).normal(10, 2, 20)
    found = find_cp(values, 0, 20)
    # χ² of 19 degrees of freedom at 2.5 % and 97.5 %.
    assert found.low == pytest.approx(found.value * np.sqrt(8.9065 / 19), rel=1e-4)
    assert found.high == pytest.approx(found.value * np.sqrt(32.8523 / 19), rel=1e-4)


def test_intervals_of_the_capability_cover_the_truth() -> None:
    rng = np.random.default_rng(2)
    cp, cpk = [], []
    for _ in range(600):
        values = rng.normal(0.5, 1.0, 25)
        one, other = find_cp(values, -4, 4), find_cpk(values, -4, 4)
        cp.append(one.low <= 8 / 6 <= one.high)
        cpk.append(other.low <= 3.5 / 3 <= other.high)
    assert 0.92 < np.mean(cp) < 0.98 and 0.91 < np.mean(cpk) < 0.98


def test_capability_of_one_sided_limits_and_of_too_few_cells() -> None:
    values = np.array([1.0, 2.0, 3.0])
    assert find_cpk(values, -np.inf, 5).value == pytest.approx(1.0)
    assert np.isnan(find_cp(values, -np.inf, 5).value)
    for few in (values[:1], values[:0], np.full(4, 2.0)):
        assert np.isnan(find_cpk(few, 0, 5).value) and np.isnan(find_cp(few, 0, 5).value)


def test_the_robust_z_finds_what_is_odd_and_needs_five_cells() -> None:
    values = np.array([10.0, 10.1, 9.9, 10.05, 20.0])
    assert (np.abs(robust_z(values)) > 3.5).tolist() == [False, False, False, False, True]
    assert not robust_z(values[1:]).any()
    same = np.array([21.0] * 6 + [22.0])
    assert np.abs(robust_z(same)).argmax() == 6 and np.abs(robust_z(same))[6] > 3.5
    assert not robust_z(np.full(8, 21.0)).any()


def test_the_page_holds_everything_and_loads_nothing(tmp_path: Path) -> None:
    run(tmp_path, walls(240, 260))
    page = (tmp_path / "lot" / "lot.html").read_text(encoding="utf-8")
    assert "6 cells: 4 pass, 2 fail." in page and "drawing 7" in page
    assert page.count('<img src="data:image/') == 2 and "http" not in page
    assert "odd" in page and "<code>can_wall_mean_um</code>" in page


def test_a_lot_in_which_nothing_could_be_measured_has_its_page_too(tmp_path: Path) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise OSError("broken disk")

    (tmp_path / "a.nrrd").touch()
    table = lot.run_lot(lot.name_cells([tmp_path / "a.nrrd"]), tmp_path / "lot", fail, Progress(), walls(1, 2))
    assert table["verdict"].tolist() == [""]
    assert "1 not measured" in (tmp_path / "lot" / "lot.html").read_text(encoding="utf-8")


def test_the_exit_code_tells_a_failed_measurement_before_a_failed_cell() -> None:
    cells = [{"status": "measured", "verdict": "fail"}, {"status": "failed", "verdict": ""}]
    assert exit_code({"judged": True, "cells": cells}) == 3
    assert exit_code({"judged": True, "cells": cells[:1]}) == 4
    assert exit_code({"judged": False, "cells": cells[:1]}) == 0


def test_the_command_judges_results_and_ends_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_result(tmp_path / "old" / "one", 250.0)
    (tmp_path / "limits.toml").write_text("[can_wall_mean_um]\nlower = 260\n")
    words = ["lot", str(tmp_path / "old"), "--out", str(tmp_path / "lot"), "--quiet"]
    assert main([*words, "--tolerances", str(tmp_path / "limits.toml")]) == 4
    told = capsys.readouterr().out
    assert "one  kept: fail: " in told and "lot.html" in told
    assert main(words) == 0
    assert main([*words, "--tolerances", str(tmp_path / "absent.toml")]) == 3
