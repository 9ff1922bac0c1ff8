"""The models that come with the program: complete, unaltered, small, free to use, and applicable."""

from __future__ import annotations

from pathlib import Path

import pytest
from batterycell.segment.model import check_bundle, load_model
from batterycell.segment.model.licences import KNOWN

torch = pytest.importorskip("torch", reason="torch is not installed")
MODELS = Path(__file__).parents[3] / "BatterySegmentationWizard" / "Resources" / "Models"
FOLDERS = sorted(path for path in MODELS.glob("*") if path.is_dir())
# A clone of the repository must stay below 100 MB, with its history.
_LARGEST = 12 * 2**20


def test_line_endings_of_shipped_models_are_kept() -> None:
    """Their checksums would not hold on systems where git changes them."""
    attributes = (MODELS.parents[2] / ".gitattributes").read_text(encoding="utf-8")
    assert "BatterySegmentationWizard/Resources/Models/** -text" in attributes


def test_shipped_models_are_complete_small_and_free() -> None:
    for folder in FOLDERS:
        info = check_bundle(folder)
        assert info.licence in KNOWN, folder
        assert info.description and info.dice, folder
        assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < _LARGEST, folder


def test_shipped_models_tell_their_classes_apart() -> None:
    for folder in FOLDERS:
        model = load_model(folder)
        spec = model.info.network
        edge = max(16, spec.multiple)
        shape = (1, spec.inputs, *((edge,) * (3 if spec.dimension == "3d" else 2)))
        with torch.no_grad():
            assert model.network(torch.zeros(shape)).shape[1] == len(model.info.classes), folder
