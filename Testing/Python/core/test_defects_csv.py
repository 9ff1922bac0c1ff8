"""The CSV of marked defects: back without loss, and one clear line where people changed it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from batterycell import palette
from batterycell.annotate.defect_columns import DEFECT_COLUMNS
from batterycell.annotate.defects import CLASSES, Defect, describe, make_table, severity_and_note
from batterycell.annotate.defects_csv import read_defects, write_defects
from batterycell.errors import InputError, OutputError
from batterycell.orient import CellFrame
from batterycell.tables import Table

NOTES = [
    "plain",
    'two "quotes", a comma; a semicolon',
    "Überlappung µm 裂纹",
    "first line\nsecond line",
    "",
    " a space ",
]


def made_table(notes: list[str] = NOTES) -> Table:
    rng = np.random.default_rng(5)
    frame = CellFrame.from_axis([0.1, 0.2, 0.3], [0, 0, 1], np.eye(4))
    places = [tuple(rng.normal(size=(3, 3))[n].tolist() for n in range(3)) for _ in notes]
    defects = [
        Defect(f"D{n + 1}", CLASSES[n % 8], "major", note, *places[n])  # type: ignore[arg-type]
        for n, note in enumerate(notes)
    ]
    return make_table(defects, frame, [n or np.nan for n in range(len(notes))])


def read_text(tmp_path: Path, text: str, encoding: str = "utf-8") -> tuple[Table, list[str]]:
    path = tmp_path / "marks.csv"
    path.write_bytes(text.encode(encoding))
    return read_defects(path)


def test_what_is_written_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    table = made_table()
    write_defects(table, tmp_path / "défauts, alle.csv")
    back, left_out = read_defects(tmp_path / "défauts, alle.csv")
    assert left_out == []
    for column in DEFECT_COLUMNS:
        np.testing.assert_array_equal(back[column.name], table[column.name], column.name)


def test_the_csv_says_mm_and_micrometres_voxels_winding_and_angle(tmp_path: Path) -> None:
    write_defects(made_table(), tmp_path / "a.csv")
    header = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "id,class,severity,note,x_mm,y_mm,z_mm,x_um,y_um,z_um,i,j,k,angle_deg,winding,height_um"


def test_angle_and_height_are_those_of_the_upright_cell() -> None:
    frame = CellFrame.from_axis([1.0, 2.0, 3.0], [0, 0, 1], np.eye(4))
    place = (1.0, 2.5, 3.25)
    table = make_table([Defect("D1", "fold", "minor", "", (0, 0, 0), (0, 0, 0), place)], frame)
    assert (table["angle_deg"][0], table["height_um"][0]) == pytest.approx((90.0, 250.0))


def test_a_cell_whose_axis_is_not_known_leaves_angle_and_height_empty() -> None:
    table = make_table([Defect("D1", "fold", "minor", "", (0, 0, 0), (0, 0, 0), (0, 0, 0))])
    assert np.isnan([table["angle_deg"][0], table["height_um"][0]]).all()
    assert table["winding"][0] == ""


def test_voxels_alone_are_enough(tmp_path: Path) -> None:
    table, left_out = read_text(tmp_path, "i,j,k\n1,2,3.5\n")
    assert (table["class"][0], table["severity"][0], table["k"][0]) == ("", "", 3.5)
    assert np.isnan(table["x_mm"][0])
    assert left_out == []


def test_either_unit_gives_both(tmp_path: Path) -> None:
    for text in ("x_mm,y_mm,z_mm\n1,2,3\n", "X_um,Y_um,Z_um\n1000,2000,3000\n"):
        table, _ = read_text(tmp_path, text)
        assert (table["z_mm"][0], table["z_um"][0]) == (3, 3000)


def test_a_german_spreadsheet_is_understood(tmp_path: Path) -> None:
    text = '\ufeffid;class;note;i;j;k\r\nD1;Überhang;"a; b";1,5;2,25;3\r\n'
    table, _ = read_text(tmp_path, text)
    assert (table["i"][0], table["j"][0], table["note"][0], table["class"][0]) == (1.5, 2.25, "a; b", "Überhang")


def test_unknown_columns_are_named_when_left_out(tmp_path: Path) -> None:
    _, left_out = read_text(tmp_path, "i,j,k,inspector\n1,2,3,Ada\n")
    assert left_out == ["Columns left out: inspector."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("i,j,k\n", "holds no defects"),
        ("id,class,i,j\nD1,fold,1,2\n", "no column k"),
        ("x_mm,z_mm\n1,2\n", "no column y_mm"),
        ("id,note\nD1,a\n", "no column i, j, k"),
        ("x_in,y_in,z_in\n1,2,3\n", "x_in, y_in, z_in: a foreign or unknown unit"),
        ("X (nm),Y (nm),Z (nm)\n1,2,3\n", "unit"),
        ("x,y,z\n1,2,3\n", "unit"),
        ("i,j,k\n1,2,3\n1,two,3\n", "line 3: “two” in column j is no number"),
        ("i,j,k\n1,inf,3\n", "line 2"),
        ("i,j,k\n1,nan,3\n", "line 2"),
        ("i,j,k\n1,,3\n", "line 2: the place is missing"),
        ("i,j,k,note\n1,2,3,a, b\n", "5 cells, but the header names 4"),
        ('i,j,k,note\n1,2,3,"never closed\n', "line 2"),
        ("i,j,k,severity\n1,2,3,awful\n", "“awful” is no severity"),
        ("i,j,k,I\n1,2,3,4\n", "column i twice"),
        ("x_mm,y_mm,z_mm,x_um,y_um,z_um\n1,2,3,1,2,3\n", "line 2: x_mm, y_mm, z_mm and x_um, y_um, z_um are not"),
        ('note,i,j,k\n"two\nlines",1,2,3\n"two\nlines",1,2,x\n', "line 5"),
    ],
)
def test_what_cannot_be_understood_is_one_line_with_a_hint(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, text)
    assert words in caught.value.message
    assert "marks.csv" in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_another_encoding_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="UTF-8"):
        read_text(tmp_path, "note,i,j,k\nÜber,1,2,3\n", "latin-1")


def test_a_file_that_is_not_there_and_one_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.csv cannot be read"):
        read_defects(tmp_path / "nothing.csv")
    with pytest.raises(OutputError, match="cannot be written"):
        write_defects(made_table(), tmp_path)


@pytest.mark.parametrize("note", [*NOTES, "major: quoted", ": ", "critical"])
@pytest.mark.parametrize("severity", ["minor", "Critical "])
def test_severity_and_note_come_back_from_the_points_description(severity: str, note: str) -> None:
    assert severity_and_note(describe(severity, note)) == (severity.strip().lower(), note)


def test_foreign_line_breaks_in_a_note_become_plain_ones() -> None:
    assert describe("minor", "a\r\nb\rc") == "minor: a\nb\nc"


def test_a_description_of_someone_else_is_the_note_of_a_minor_defect() -> None:
    assert severity_and_note("majority of windings") == ("minor", "majority of windings")


def test_the_colours_of_the_classes_differ_for_colour_blind_eyes_too() -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    colors = np.array([palette.to_rgb(color) for color in palette.DEFECTS])
    assert len(colors) == len(CLASSES)
    for name, matrix in {"none": np.eye(3), **DICHROMATS}.items():
        lab = rgb2lab(_encode(np.clip(_decode(colors) @ np.array(matrix).T, 0, 1)))
        differences = deltaE_ciede2000(lab[:, None], lab[None]) + 100 * np.eye(len(lab))
        assert differences.min() > 12.5, name


# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009).
DICHROMATS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def _decode(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _encode(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)
