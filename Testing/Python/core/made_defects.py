"""A few defects in a volume whose axes are tilted and sheared, for tests of what becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from batterycell.mrml.cell import put_under
from batterycell.mrml.defects import (
    add_defect,
)
from batterycell.mrml.volumes import to_vtk_matrix

ODD_NAMES = ['Falz, "gerissen"', "Überlappung – 裂纹", "a/b\\c: d?", "it's; 100 %", "R & D <b> %3C &lt;"]
MATRIX = np.array([[-0.03, 0, 0.01, 4], [0.005, -0.034, 0, -7], [0.002, 0.001, 0.068, 11], [0, 0, 0, 1]])


def at(*ijk: float) -> np.ndarray:
    return (MATRIX @ [*ijk, 1])[:3]


def turned() -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, -1, 0], [0, 0, -1], [1, 0, 0]]
    matrix[:3, 3] = [10, -20, 30]
    return matrix


def turn(volume: Any, matrix: np.ndarray) -> Any:
    transform = volume.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode", "turned")
    transform.SetMatrixTransformToParent(to_vtk_matrix(matrix))
    put_under(volume, transform)
    return transform


def some_defects(volume: Any) -> None:
    add_defect(volume, "fold", at(1.25, 2, 3), "major", 'a "fold", wide\nsecond line')
    add_defect(volume, "tear", at(10, 20.5, 7), "critical")
    add_defect(volume, "fold", at(39, 49, 29), note="Ränder 裂纹")


def assert_same(table: Any, other: Any, atol: float = 1e-9) -> None:
    assert len(table) == len(other)
    for column in table.columns:
        if table[column.name].dtype.kind == "f":
            np.testing.assert_allclose(table[column.name], other[column.name], atol=atol, err_msg=column.name)
        else:
            assert table[column.name].tolist() == other[column.name].tolist()
