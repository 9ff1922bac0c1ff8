"""The folder of a cell from a scene: everything that is there, nothing that is not, and one road to it."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, pictures
from batterycell.cli import main
from batterycell.errors import Cancelled, InputError, UsageError
from batterycell.export import ExportSettings, contents_of, export_pictures, export_scene, find_volume
from batterycell.export.scene_export import _doubts
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.rulers import new_ruler
from batterycell.progress import Progress
from batterycell.provenance import Sources
from made_result import made_volume
from made_scene import GAP, made_scene

SMALL = ExportSettings(width=400)
NOTHING = ExportSettings(views=False, layout=False, rulers=False)
Capture = pytest.CaptureFixture[str]
no_gl = pytest.mark.skipif(bool(pictures.missing_gl()), reason=f"no OpenGL: {pictures.missing_gl()}")
ALWAYS = {"summary.json", "provenance.json", "recipe.json", "report.html", "scene.mrb"}


def exported(scene: Any, node: Any, folder: Path, settings: ExportSettings = NOTHING) -> dict[str, Any]:
    return export_scene(scene, node, folder, settings, Sources((), "test"), Progress())


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@no_gl
def test_everything_of_a_cell_is_in_its_folder(tmp_path: Path) -> None:
    with made_scene(measured=True) as (scene, node):
        summary = exported(scene, node, tmp_path, SMALL)
    found = tree(tmp_path)
    assert {*ALWAYS, "overhang.csv", "defects.csv", "rulers.csv", "overview.png", "overhang_map.png"} <= found
    drawn = {name for name in found if name.startswith("pictures/")}
    assert {name.split("_")[0] for name in drawn} == {
        f"pictures/{kind}" for kind in ("axial", "coronal", "sagittal", "layout", "ruler", "angle")
    }
    assert len(drawn) == 7 and summary["notes"] == []
    assert [row["name"] for row in rows_of(tmp_path / "rulers.csv")] == [GAP, "radial", "fold"]
    assert [row["class"] for row in rows_of(tmp_path / "defects.csv")] == ["tear", "particle"]
    assert len(rows_of(tmp_path / "overhang.csv")) == summary["counts"]["rows"] > 0


@no_gl
def test_a_cell_that_was_not_measured_is_exported_without_its_overhang(tmp_path: Path) -> None:
    with made_scene() as (scene, node):
        summary = exported(scene, node, tmp_path, SMALL)
    assert {"defects.csv", "rulers.csv"} <= tree(tmp_path)
    assert not any("overhang" in name or "overview" in name or "longitudinal" in name for name in tree(tmp_path))
    assert (summary["defects"]["n"], summary["rulers"]["n"]) == (2, 3) and "overhang" not in summary
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "was not measured; it holds 2 defects and 3 rulers" in page
    assert "Marked defects" in page and "Rulers and angles" in page and "Windings" not in page
    assert page.count("data:image/") == 7


def test_a_bare_volume_is_exported_too(tmp_path: Path) -> None:
    with made_scene(upright=False, marked=False) as (scene, node):
        summary = exported(scene, node, tmp_path)
    assert tree(tmp_path) == ALWAYS
    assert summary["cell"] == "made cell" and "can" not in summary
    assert "The overhang of this cell was not measured." in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_report_shows_odd_names_as_they_are(tmp_path: Path) -> None:
    with made_scene() as (scene, node):
        exported(scene, node, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Lübeck, &#34;tab&#34; &amp; gap" in page and "torn, &#34;edge&#34;; ü" in page


def test_the_exported_scene_holds_what_was_exported(tmp_path: Path) -> None:
    with made_scene(measured=True) as (scene, node):
        exported(scene, node, tmp_path)
        before = contents_of(node)
    again = mrml.new_scene()
    try:
        mrml.load_scene(again, tmp_path / "scene.mrb")
        after = contents_of(find_volume(again))
    finally:
        mrml.close_scene(again)
    for name in ("overhang", "defects", "rulers"):
        table, same = getattr(before, name), getattr(after, name)
        for column in table.columns:
            if table[column.name].dtype.kind == "f":
                np.testing.assert_allclose(table[column.name], same[column.name], atol=1e-9)
            else:
                assert table[column.name].tolist() == same[column.name].tolist()


@pytest.mark.usefixtures("bare_figures")
def test_an_export_leaves_the_scene_as_it_was(tmp_path: Path) -> None:
    with made_scene(measured=True) as (scene, node):
        ids = [other.GetID() for other in nodes_of(scene) if not other.IsA("vtkMRMLStorageNode")]
        exported(scene, node, tmp_path, SMALL)
        assert [other.GetID() for other in nodes_of(scene) if not other.IsA("vtkMRMLStorageNode")] == ids


@no_gl
@pytest.mark.usefixtures("bare_figures")
def test_a_ruler_that_is_not_finished_is_a_note_not_the_end(tmp_path: Path) -> None:
    with made_scene() as (scene, node):
        new_ruler(node, name="begun")
        summary = exported(scene, node, tmp_path, SMALL)
    assert [note for note in summary["notes"] if "begun has not all its ends" in note]
    assert len(rows_of(tmp_path / "rulers.csv")) == 3


@no_gl
def test_pictures_alone_are_nothing_but_pictures(tmp_path: Path) -> None:
    from PIL import Image

    with made_scene(measured=True) as (scene, node):
        assert export_pictures(scene, node, tmp_path, ExportSettings(333, layout=False), Progress()) == []
    assert {path.suffix for path in tmp_path.iterdir()} == {".png"} and len(tree(tmp_path)) == 6
    assert {Image.open(path).size for path in tmp_path.iterdir()} == {(333, 250)}


def test_without_opengl_the_rest_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "missing_gl", lambda: "taken away.")
    with made_scene() as (scene, node):
        summary = exported(scene, node, tmp_path, SMALL)
    assert summary["notes"] == ["Views and rulers are not drawn: taken away."]
    assert tree(tmp_path) > ALWAYS


def test_a_voxel_size_that_nobody_stated_is_doubted(tmp_path: Path) -> None:
    with made_scene(upright=False, marked=False) as (scene, node):
        node.SetSpacing(1, 1, 1)
        node.RemoveAttribute("BatteryCell.VoxelSizeSource")
        assert "lengths may be wrong" in exported(scene, node, tmp_path)["notes"][0]


def test_the_placeholder_of_a_preview_is_doubted_too() -> None:
    with made_scene(upright=False, marked=False) as (_, node):
        node.SetAttribute("BatteryCell.LoadOptions", json.dumps({"step": 2}))
        node.SetAttribute("BatteryCell.VoxelSizeSource", "not stated: the file does not state it; preview")
        node.SetSpacing(2, 2, 2)
        assert _doubts(node) == [
            "The voxel size is 2 mm along an axis, as where files state none: lengths may be wrong."
        ]


def test_a_cancel_ends_an_export(tmp_path: Path) -> None:
    with made_scene() as (scene, node), pytest.raises(Cancelled):
        export_scene(scene, node, tmp_path, SMALL, Sources(), Progress(is_cancelled=lambda: True))


@pytest.mark.parametrize("width", [0, -5, 199, 8001, 1e3])
def test_no_picture_is_too_small_or_too_large(width: Any) -> None:
    with pytest.raises(UsageError, match="pixels wide"):
        ExportSettings(width=width)


# Which volume


def test_the_volume_is_the_only_one_or_the_named_one_or_the_only_one_with_findings() -> None:
    with made_scene() as (scene, node):
        assert find_volume(scene) is node
        other = mrml.add_volume(scene, made_volume(), "other")
        labels = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
        labels.SetAndObserveImageData(node.GetImageData())
        assert find_volume(scene) is node
        assert find_volume(scene, "other") is other
        mrml.set_upright(other, mrml.cell_of(node))
        with pytest.raises(InputError, match="holds 2 volumes; there are made cell, other"):
            find_volume(scene)
        with pytest.raises(InputError, match="0 volumes named third; there are made cell, other"):
            find_volume(scene, "third")


def test_what_was_made_of_a_cell_is_not_taken_for_a_cell() -> None:
    with made_scene() as (scene, node):
        mrml.attach(node, mrml.add_volume(scene, made_volume(), "unrolled"), "unrolled")
        assert find_volume(scene) is node


# The command line


@pytest.fixture
def scene_file(tmp_path: Path) -> Path:
    with made_scene(measured=True) as (scene, _):
        mrml.save_scene(scene, tmp_path / "my cell.mrb")
    return tmp_path / "my cell.mrb"


@no_gl
@pytest.mark.usefixtures("bare_figures")
def test_the_command_exports_a_saved_scene(scene_file: Path, tmp_path: Path, capfd: Capture) -> None:
    out = tmp_path / "out"
    assert main(["export", str(scene_file), "--out", str(out), "--width", "400"]) == 0
    printed = capfd.readouterr().out.splitlines()
    assert printed[0].startswith("Overhang: ") and printed[1].startswith("Fail: ")
    assert printed[2:] == ["2 defects, 3 rulers", f"Folder: {out}"]
    assert {*ALWAYS, "overhang.csv", "defects.csv", "rulers.csv"} <= tree(out)
    assert (out / "scene.mrb").read_bytes() == scene_file.read_bytes()
    provenance = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["inputs"][0]["path"] == str(scene_file) and "export" in provenance["command"]


@no_gl
def test_the_command_exports_pictures_alone(scene_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["export", str(scene_file), "--out", str(out), "--width", "300", "--pictures-only", "--quiet"]) == 0
    assert {Path(name).suffix for name in tree(out) - {".batterycell-files"}} == {".png"}


@pytest.mark.usefixtures("bare_figures")
def test_an_mrml_with_its_files_is_exported(tmp_path: Path, scene_file: Path) -> None:
    with zipfile.ZipFile(scene_file) as bundle:
        bundle.extractall(tmp_path / "unpacked")
    (mrml_file,) = (tmp_path / "unpacked").rglob("*.mrml")
    assert main(["export", str(mrml_file), "--out", str(tmp_path / "out"), "--width", "200", "--quiet"]) == 0
    assert {*ALWAYS, "rulers.csv"} <= tree(tmp_path / "out")


def not_there(path: Path) -> None:
    path.unlink()


def no_scene(path: Path) -> None:
    path.write_bytes(b"nothing of the kind")


def empty_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("readme.txt", "no scene")


def broken_xml(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("scene/scene.mrml", "<MRML><Volume")


def damaged_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("scene/scene.mrml", "<MRML>" + 1000 * "abcde" + "</MRML>")
    path.write_bytes(path.read_bytes()[:60] + 10 * b"\xff" + path.read_bytes()[70:])


@pytest.mark.parametrize("spoil", [not_there, no_scene, empty_zip, broken_xml, damaged_zip])
def test_what_is_no_scene_is_one_line(
    spoil: Callable[[Path], None], scene_file: Path, tmp_path: Path, capfd: Capture
) -> None:
    spoil(scene_file)
    assert main(["export", str(scene_file), "--out", str(tmp_path / "out"), "--quiet"]) == 3
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"batterycell: {scene_file} ") and not (tmp_path / "out").exists()


def test_a_scene_without_a_cell_is_one_line(tmp_path: Path, capfd: Capture) -> None:
    scene = mrml.new_scene()
    try:
        mrml.save_scene(scene, tmp_path / "empty.mrb")
    finally:
        mrml.close_scene(scene)
    assert main(["export", str(tmp_path / "empty.mrb"), "--out", str(tmp_path / "out"), "--quiet"]) == 3
    assert "The scene holds no volume of a cell (Save it with the cell's volume)" in capfd.readouterr().err


def test_an_export_never_goes_over_its_scene(scene_file: Path, capfd: Capture) -> None:
    assert main(["export", str(scene_file), "--out", str(scene_file.parent), "--overwrite", "--quiet"]) == 3
    assert "holds the input" in capfd.readouterr().err and scene_file.exists()


def test_a_width_that_is_none_is_a_wrong_word(scene_file: Path, tmp_path: Path) -> None:
    assert main(["export", str(scene_file), "--out", str(tmp_path / "out"), "--width", "9", "--quiet"]) == 2
