"""Tolerances: the file, the rule, the hard rule, and the verdict on a cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.measured import Quantity, Stage, quantity_table
from batterycell.tables import Table, read_csv, write_csv
from batterycell.tolerance import HARD_RULE, Limit, Tolerances, Verdict, judge, read_tolerances
from batterycell.tolerance.columns import TOLERANCE_COLUMNS, TOLERANCE_DTYPES
from batterycell.tolerance.rule import decide
from made_result import made_result

DOCS = Path(__file__).parents[3] / "docs"


def limits(*found: Limit) -> Tolerances:
    return Tolerances(found)


def wall(value: float, uncertainty: float) -> Table:
    quantity = Quantity("can_wall_mean_um", "Wall, mean", value, uncertainty, "µm", "How thick the wall is.")
    return quantity_table([Stage("can", "Can", (quantity,))])


def overhang(**changes: Any) -> Table:
    """The rows of the top that carry a value, all 600 ± 30 µm; changed where told: ``flag=...`` on the first row."""
    table = made_result().overhang
    table = table.where(table["flag"] == "ok")
    data = {name: values.copy() for name, values in table.data.items()}
    data["overhang_um"][:], data["uncertainty_um"][:] = 600.0, 30.0
    data["flag"] = data["flag"].astype("U20")
    for name, value in changes.items():
        data[name][0] = value
    return Table(table.columns, data)


def row(verdict: Verdict, quantity: str) -> dict[str, Any]:
    (found,) = [row for row in verdict.to_json()["quantities"] if row["quantity"] == quantity]
    return dict(found)


def write(folder: Path, text: str, name: str = "limits.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("value", "u", "outcome"),
    [
        (100, 5, "pass"), (95, 5, "pass"), (94.9, 5, "cannot tell"), (85.1, 5, "cannot tell"), (84.9, 5, "fail"),
        (115.1, 5, "fail"), (110, 0, "pass"), (110.1, 0, "fail"), (100, 30, "cannot tell"),
        (np.nan, 5, "cannot tell"), (100, np.nan, "cannot tell"), (500, np.nan, "cannot tell"),
    ],
)  # fmt: skip
def test_only_an_interval_that_lies_whole_on_one_side_of_a_limit_decides(value: float, u: float, outcome: str) -> None:
    assert decide(value, u, 90.0, 110.0).item() == outcome
    assert decide(-value, u, -110.0, -90.0).item() == outcome


def test_the_example_of_the_documentation_is_read_and_stands_in_it() -> None:
    tolerances = read_tolerances(DOCS / "tolerances.toml")
    found = {limit.quantity: limit for limit in tolerances.limits}
    assert found["overhang"].lower == 200 and found["overhang"].read_percent == 60
    assert found["overhang.top"].lower == 250 and found["overhang.top"].end == "top"
    assert (found["winding_pitch_um"].lower, found["winding_pitch_um"].upper) == (355, 385)
    assert found["can_dent_depth_um"].severity == "minor"
    page = (DOCS / "tolerances.md").read_text(encoding="utf-8")
    shown = read_toml_block(page)
    assert all(line in (DOCS / "tolerances.toml").read_text(encoding="utf-8") for line in shown.splitlines())


def read_toml_block(page: str) -> str:
    return page.split("```toml\n")[1].split("```")[0]


def test_the_tolerances_of_a_result_folder_are_read_again(tmp_path: Path) -> None:
    tolerances = read_tolerances(DOCS / "tolerances.toml")
    kept = write(tmp_path, json.dumps(tolerances.to_json()), "tolerances.json")
    assert read_tolerances(kept).limits == tolerances.limits and read_tolerances(kept).title == tolerances.title


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = write(tmp_path, "[can_wall_mean_um]\nnominal = 250\nplus_minus = 20\nseverity = 'critical'\n")
    values = {"can_wall_mean_um": {"lower": 230, "upper": 270, "nominal": 250, "severity": "critical"}}
    other = write(tmp_path, json.dumps(values), "limits.json")
    assert read_tolerances(toml).limits == read_tolerances(other).limits


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[can_wal_mean_um]\nlower = 1",
            "line 1: there is no quantity can_wal_mean_um. (Did you mean can_wall_mean_um",
        ),
        ("\n[can_wall_mean_um]\nlower = 1\nuper = 3", "line 4: can_wall_mean_um has no uper. (Did you mean upper?)"),
        ("[can_wall_mean_mm]\nlower = 1", "Did you mean can_wall_mean_um"),
        ("[can_wall_mean_um]\nlower = '1'", "line 2: lower of can_wall_mean_um is no number"),
        ("[can_wall_mean_um]\nlower = true", "is no number"),
        ("[can_wall_mean_um]\nlower = nan", "is no number"),
        ("[can_wall_mean_um]\nlower = 3\nupper = 2", "lies above its upper limit"),
        ("[can_wall_mean_um]\nnominal = 3", "neither a lower nor an upper"),
        ("[can_wall_mean_um]\nplus_minus = 3", "needs a nominal"),
        ("[can_wall_mean_um]\nlower = 3\nseverity = 'grave'", "Known are critical, major, minor"),
        ("[can_wall_mean_um]\nlower = 3\nread_percent = 3", "has no read_percent"),
        ("[overhang]\nlower = 3\nread_percent = 300", "outside 0 to 100"),
        ("[overhang.tpo]\nlower = 3", "Did you mean top"),
        ("can_wall_mean_um = 3", "is no table of limits"),
        ("overhang.top = 3", "is no table of limits"),
        ("title = 3", "title is no text"),
        ("title = 'nothing'", "limits nothing"),
        ("", "limits nothing"),
        ("[can_wall_mean_um", "is no TOML"),
    ],
)
def test_a_bad_file_is_told_with_what_is_wrong_and_where(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_tolerances(write(tmp_path, text))
    assert told in str(error.value)
    assert error.value.hint


def test_a_file_that_is_absent_or_no_text_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00\x81")
    for name in ("absent.toml", "binary.toml"):
        with pytest.raises(InputError, match="cannot be read"):
            read_tolerances(tmp_path / name)
    with pytest.raises(InputError, match="JSON"):
        read_tolerances(write(tmp_path, "{,}", "limits.json"))
    with pytest.raises(InputError, match="no tables"):
        read_tolerances(write(tmp_path, "[1]", "limits.json"))


def test_what_is_named_but_not_measured_is_never_a_pass() -> None:
    verdict = judge(wall(250, 5), None, limits(Limit("can_ovality_percent", upper=1.0)))
    assert verdict.outcome == "cannot tell" and "not measured" in verdict.text
    assert judge(quantity_table([]), None, limits(Limit("overhang", lower=0.0))).outcome == "cannot tell"
    assert judge(wall(np.nan, np.nan), None, limits(Limit("can_wall_mean_um", lower=0.0))).outcome == "cannot tell"


def test_one_fail_fails_the_cell_and_one_doubt_leaves_doubt() -> None:
    passes, doubts, fails = (Limit("can_wall_mean_um", lower=lower) for lower in (200, 250, 300))
    measured = wall(250, 10)
    assert judge(measured, None, limits(passes)).outcome == "pass"
    assert judge(measured, None, limits(passes, doubts)).outcome == "cannot tell"
    failed = judge(measured, None, limits(passes, doubts, fails))
    assert failed.outcome == "fail" and failed.exit_code == 4


def test_a_minor_limit_is_told_and_fails_nothing() -> None:
    verdict = judge(wall(250, 10), None, limits(Limit("can_wall_mean_um", lower=300.0, severity="minor")))
    assert verdict.outcome == "pass" and verdict.exit_code == 0
    assert row(verdict, "can_wall_mean_um")["verdict"] == "fail"
    assert verdict.text == "Pass: 0 of 1 limit kept. Minor, and not kept for certain: Wall, mean."


def test_the_table_states_nominal_actual_and_deviation_and_survives_its_file(tmp_path: Path) -> None:
    verdict = judge(wall(262, 5), None, limits(Limit("can_wall_mean_um", 230.0, 270.0, 250.0)))
    write_csv(verdict.table, tmp_path / "verdict.csv")
    read = read_csv(tmp_path / "verdict.csv", TOLERANCE_COLUMNS, TOLERANCE_DTYPES)
    assert read["deviation"].tolist() == [12.0] and read["verdict"].tolist() == ["pass"]
    assert read["units"].tolist() == ["µm"] and read["lower"].tolist() == [230.0]
    json.dumps(verdict.to_json(), allow_nan=False)


def test_a_clean_cell_is_not_judged_without_tolerances_but_its_negatives_are_counted() -> None:
    verdict = judge(quantity_table([]), overhang(), None)
    assert verdict.outcome == "not judged" and verdict.exit_code == 0
    assert "No tolerances were given" in verdict.text and "is negative" in verdict.text


@pytest.mark.parametrize("flag", ["negative", "negative-unclear"])
@pytest.mark.parametrize("value", [-200.0, -10.0])
def test_one_negative_overhang_fails_the_cell_whatever_the_tolerances_say(flag: str, value: float) -> None:
    table = overhang(flag=flag, overhang_um=value if flag == "negative" else np.nan)
    assert judge(wall(250, 5), table, None).outcome == "fail"
    lenient = limits(Limit("can_wall_mean_um", lower=1.0), Limit("overhang", lower=-5000.0))
    verdict = judge(wall(250, 5), table, lenient)
    assert verdict.outcome == "fail" and row(verdict, HARD_RULE)["severity"] == "critical"
    assert verdict.rows is not None and verdict.rows["flag"].tolist() == [flag]


def test_a_positive_overhang_whose_interval_reaches_below_zero_leaves_doubt() -> None:
    verdict = judge(wall(250, 5), overhang(overhang_um=20.0), limits(Limit("can_wall_mean_um", lower=1.0)))
    assert verdict.outcome == "cannot tell" and row(verdict, HARD_RULE)["verdict"] == "cannot tell"


def test_no_overhang_that_could_be_read_is_no_pass_of_the_hard_rule() -> None:
    table = overhang()
    table.data["flag"][:] = "anode-unclear"
    verdict = judge(wall(250, 5), table, limits(Limit("can_wall_mean_um", lower=1.0)))
    assert verdict.outcome == "cannot tell" and "None could be read" in verdict.text


def test_the_hard_rule_does_not_pass_a_cell_of_which_most_cannot_be_read() -> None:
    table, lenient = overhang(), limits(Limit("can_wall_mean_um", lower=1.0))
    table.data["flag"][: len(table) // 3] = "cathode-unclear"
    assert judge(wall(250, 5), table, lenient).outcome == "pass"
    table.data["flag"][: 2 * len(table) // 3] = "cathode-unclear"
    verdict = judge(wall(250, 5), table, lenient)
    assert verdict.outcome == "cannot tell" and "could be read, 50 % are asked for" in verdict.text


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(600.0, "pass"), (340.0, "pass"), (310.0, "cannot tell"), (200.0, "fail"), (1190.0, "cannot tell")],
)
def test_every_overhang_is_held_against_the_limits(value: float, outcome: str) -> None:
    verdict = judge(quantity_table([]), overhang(overhang_um=value), limits(Limit("overhang", 300.0, 1200.0)))
    assert verdict.outcome == outcome
    assert verdict.rows is not None and len(verdict.rows) == (outcome != "pass")
    if outcome != "pass":
        assert row(verdict, "overhang")["actual"] == value
        assert verdict.rows["lower_um"].tolist() == [300.0] and verdict.rows["verdict"].tolist() == [outcome]


def test_the_limits_of_one_end_do_not_concern_the_other() -> None:
    table = overhang(overhang_um=100.0, end="bottom")
    assert judge(quantity_table([]), table, limits(Limit("overhang.top", lower=300.0))).outcome == "pass"
    assert judge(quantity_table([]), table, limits(Limit("overhang.bottom", lower=300.0))).outcome == "fail"


def test_an_end_outside_the_volume_or_too_few_values_leave_doubt() -> None:
    table = made_result().overhang
    table = table.where(~np.isin(table["flag"], ("negative", "negative-unclear")))
    everywhere = judge(quantity_table([]), table, limits(Limit("overhang", lower=100.0)))
    assert everywhere.outcome == "cannot tell" and "bottom end lies outside" in everywhere.text
    assert judge(quantity_table([]), table, limits(Limit("overhang.top", lower=100.0))).outcome == "pass"
    strict = limits(Limit("overhang.top", lower=100.0, read_percent=99.0))
    assert "asked for" in judge(quantity_table([]), table, strict).text


def test_the_limits_of_one_stage_can_be_taken_alone() -> None:
    tolerances = read_tolerances(DOCS / "tolerances.toml")
    kept = tolerances.of_stages(["can"])
    assert [limit.quantity for limit in kept.limits] == [
        "can_outer_diameter_mm",
        "can_wall_min_um",
        "can_dent_depth_um",
    ]
    assert all(limit.is_row for limit in tolerances.of_stages(["overhang"]).limits)


def test_limits_of_other_stages_alone_leave_doubt_in_words() -> None:
    verdict = judge(wall(250, 5), None, limits(Limit("winding_count", lower=3.0)).of_stages(["can"]))
    assert verdict.outcome == "cannot tell" and verdict.text.endswith("none of the limits concerns what was measured.")


def test_the_verdict_is_a_stage_with_its_tables() -> None:
    stage = judge(wall(250, 5), overhang(overhang_um=-20.0, flag="negative"), None).to_stage()
    assert stage.name == "verdict" and set(stage.tables) == {"verdict", "verdict_overhang"}
    assert stage.tables["verdict_overhang"]["cathode_r_mm"].dtype == float
    assert "negative" in stage.notes[0]
