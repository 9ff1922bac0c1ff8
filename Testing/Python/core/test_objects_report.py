"""Pictures and pages of label volumes: what they show, also of the odd ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import palette
from batterycell.errors import InputError
from batterycell.export.compare import side_by_side
from batterycell.export.objects import ObjectsFiles, write_objects_folder
from batterycell.export.objects_read import SampleResult, read_quantities, read_samples, unlike_notes
from batterycell.io.label_classes import LabelClass
from batterycell.io.labels import LabelVolume, label_volume
from batterycell.measured import Quantity
from batterycell.objects import Asked, measure_objects
from batterycell.pictures.compare_chart import compare_chart
from batterycell.pictures.distributions import shape_figure, size_figure
from batterycell.pictures.microstructure import connections_figure
from batterycell.pictures.objects import objects_picture
from batterycell.progress import Progress
from batterycell.provenance import Sources
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult
from batterycell.tables import Column, Table
from batterycell.volume import Volume
from made_labels import SIZE_UM, balls

CLASSES = (
    LabelClass(1, "pore", palette.PORE, 1),
    LabelClass(2, "NMC", palette.ACTIVE_MATERIAL, 2),
    LabelClass(3, "binder", palette.BINDER, 3),
)


def labels_of(array: np.ndarray[Any, Any], size: tuple[float, float, float] = SIZE_UM) -> LabelVolume:
    return label_volume(Volume.from_stack(array, size, "made", "made"), CLASSES)


@pytest.fixture(scope="module")
def result() -> ObjectsResult:
    return measure_objects(labels_of(balls()), Asked(ObjectsRecipe(of=("NMC",), measures=("all",))), Progress())


def test_the_picture_shows_classes_and_objects_in_their_colours(result: ObjectsResult) -> None:
    assert result.instances is not None and result.table is not None
    picture = objects_picture(labels_of(balls()[12:13]), result.instances.array[12:13], len(result.table))
    colors = {tuple(color) for color in picture.reshape(-1, 3).tolist()}
    assert {tuple(palette.to_bytes(one.color).tolist()) for one in CLASSES[1:]} <= colors
    shown = palette.object_colors(len(result.table))[1:]
    assert sum(tuple(color) in colors for color in shown.tolist()) >= 3


def test_pixels_are_drawn_as_large_as_they_are() -> None:
    wide = objects_picture(labels_of(balls()[:1], (1.0, 0.5, 1.0)), None)
    square = objects_picture(labels_of(balls()[:1], (1.0, 0.5, 0.5)), None)
    assert wide.shape[0] < 0.6 * square.shape[0] and wide.shape[1] == square.shape[1]


def test_colours_of_objects_that_follow_each_other_differ() -> None:
    colors = palette.object_colors(1000).astype(int)
    assert np.abs(np.diff(colors[1:], axis=0)).sum(axis=1).min() > 60
    assert tuple(colors[0]) == (0, 0, 0) and colors[1:].sum(axis=1).min() > 120


def sizes(values: Any, names: Any = "NMC") -> Table:
    columns = tuple(Column(name, name, "", "Of the test.") for name in ("class", "equivalent_diameter_um", "weight"))
    values = np.asarray(values, float)
    data = {"class": np.full(len(values), names), "equivalent_diameter_um": values, "weight": np.ones(len(values))}
    return Table(columns, data)


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [0.1, 50.0, 3.0], [np.nan, 1.0]], ids=str)
def test_few_equal_or_unknown_sizes_are_drawn(values: list[float]) -> None:
    figure = size_figure(sizes(values), {"NMC": palette.ACTIVE_MATERIAL})
    assert figure is not None
    bars = figure.axes[0].patches
    assert sum(patch.get_height() for patch in bars if hasattr(patch, "get_height")) == np.isfinite(values).sum()


def test_nothing_is_drawn_where_nothing_was_measured() -> None:
    assert size_figure(sizes([np.nan]), {"NMC": "#000000"}) is None
    assert shape_figure(sizes([1.0]), {"NMC": "#000000"}) is None


def test_the_page_tells_everything_and_needs_nothing_from_outside(result: ObjectsResult, tmp_path: Path) -> None:
    summary = write_objects_folder(result, tmp_path, Sources(), ObjectsFiles(), Progress())
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in summary["quantities"]) and "The largest objects" in page
    assert page.count("data:image/") == len(list(tmp_path.glob("*.png"))) and 'src="http' not in page
    assert not (tmp_path / "edits.json").exists()


def test_objects_that_edits_removed_are_in_no_table_and_no_count(tmp_path: Path) -> None:
    asked = Asked(ObjectsRecipe(of=("NMC",)), edits=[{"kind": "remove", "ids": [2]}])
    edited = measure_objects(labels_of(balls()), asked, Progress())
    summary = write_objects_folder(edited, tmp_path, Sources(), ObjectsFiles(edits=asked.edits), Progress())
    lines = (tmp_path / "instances.csv").read_text(encoding="utf-8").splitlines()
    assert summary["objects"] == len(lines) - 1 == 4 and [line.split(",")[0] for line in lines[1:]] == [
        "1",
        "3",
        "4",
        "5",
    ]
    assert (tmp_path / "edits.json").exists() and "emoved" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_scale_that_is_uncertain_widens_every_length(result: ObjectsResult) -> None:
    asked = Asked(ObjectsRecipe(of=("NMC",), voxel_size_percent=10.0))
    wider = {one.name: one for one in measure_objects(labels_of(balls()), asked, Progress()).stages[0].quantities}
    for one in result.stages[0].quantities:
        if one.units == "µm" and np.isfinite(one.uncertainty):
            assert wider[one.name].uncertainty == pytest.approx(np.hypot(one.uncertainty, 0.1 * one.value))


def samples(*values: float | None) -> list[SampleResult]:
    made = []
    for n, value in enumerate(values):
        found = () if value is None else (Quantity("a_um", "A", value, 0.1, "µm", "Of the test."),)
        made.append(SampleResult(f"s{n}", Path(f"s{n}"), (*found, Quantity(f"own{n}", "O", 1.0, 0.0, "", "Own."))))
    return made


def test_what_two_samples_have_stands_side_by_side() -> None:
    found = side_by_side(samples(1.0, None, 3.0))
    assert list(found) == ["a_um"]
    assert [None if one is None else one.value for one in found["a_um"]] == [1.0, None, 3.0]
    figure = compare_chart(["s0", "s1", "s2"], found)
    assert figure.axes[0].get_title() == "A (µm)"


def test_a_result_is_read_back_as_it_was_written(
    result: ObjectsResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batterycell.export.objects.draw_objects", lambda *_: [])
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        write_objects_folder(result, tmp_path / name, Sources(), ObjectsFiles(), Progress())
    for read, one in zip(read_quantities(tmp_path / "new"), result.stages[0].quantities, strict=True):
        assert read.name == one.name and read.units == one.units
        np.testing.assert_array_equal([read.value, read.uncertainty], [one.value, one.uncertainty])
    (tmp_path / "cycled").mkdir()
    (tmp_path / "old").rename(tmp_path / "cycled" / "new")
    names = [one.name for one in read_samples([tmp_path / "new", tmp_path / "cycled" / "new"])]
    assert names == [f"{tmp_path.name}_new", "cycled_new"]
    with pytest.raises(InputError, match="no result folder"):
        read_quantities(tmp_path)


def test_samples_on_unlike_grids_say_so() -> None:
    flat, coarse = SampleResult("sem", Path(), (), {}, 2, 0.05), SampleResult("ct", Path(), (), {}, 3, 0.4)
    assert not list(unlike_notes([flat, flat]))
    sections, voxels = unlike_notes([flat, coarse])
    assert "sem in sections, ct in space" in sections and "sem 0.05 µm, ct 0.4 µm" in voxels


def test_intervals_of_shares_are_drawn_between_nothing_and_all() -> None:
    found = [Quantity("a", "A", value, 13.0, "%", "Of the test.") for value in (0.0, 50.0, 95.0)]
    bars = compare_chart(["1", "2", "3"], {"a": found}).axes[0].containers[0].lines[2][0].get_segments()
    assert [(low, high) for (_, low), (_, high) in bars] == [(0, 13), (37, 63), (82, 100)]


def test_what_reaches_both_ends_is_drawn_once() -> None:
    names = ("class", "axis", "kind", "share_percent")
    data = (["NMC"] * 3, ["z"] * 3, ["through", "first", "last"], [50.0, 60.0, 70.0])
    table = Table(
        tuple(Column(name, name, "", "") for name in names),
        {name: np.array(values) for name, values in zip(names, data, strict=True)},
    )
    bars = connections_figure(table, {}).axes[0].patches
    assert [bar.get_width() for bar in bars] == [50, 10, 20]


def test_specks_that_count_by_number_are_told(result: ObjectsResult) -> None:
    assert not any("fewer than" in note for note in result.stages[-1].notes)
    specked = balls()
    specked[0, 0, ::3] = 2
    notes = measure_objects(labels_of(specked), Asked(ObjectsRecipe(of=("NMC",))), Progress()).stages[-1].notes
    assert any("have fewer than 27 voxels" in note for note in notes)
