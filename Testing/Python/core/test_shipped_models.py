"""The models that come with the program: complete, small, free to use, honest, and as good without torch as with it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from batterycell.pretrain import PRETRAININGS
from batterycell.pretrain.plan import Pretraining
from batterycell.progress import Progress
from batterycell.segment.model import check_bundle, find_model, load_model
from batterycell.segment.model.contents import CARD, PORTABLE, WEIGHTS
from batterycell.segment.model.licences import KNOWN

torch = pytest.importorskip("torch", reason="torch is not installed")
MODELS = Path(__file__).parents[3] / "BatterySegmentationWizard" / "Resources" / "Models"
NAMES = sorted(PRETRAININGS)
# A clone of the repository must stay small, with its history.
_LARGEST = 8 * 2**20
# What every model reaches on a specimen of the kind that it learnt from, and that it never met; specimens differ.
_LEAST_DICE = 0.8
_UNSEEN = 77_000_001


@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of each model that ships."""
    found = MODELS / str(request.param)
    if not found.is_dir():
        pytest.skip(f"{request.param} does not ship yet")
    return found


def plan_of(folder: Path) -> Pretraining:
    return PRETRAININGS[folder.name]()


def test_line_endings_of_shipped_models_are_kept() -> None:
    """Their checksums would not hold on systems where git changes them."""
    attributes = (MODELS.parents[2] / ".gitattributes").read_text(encoding="utf-8")
    assert "BatterySegmentationWizard/Resources/Models/** -text" in attributes


def test_nothing_ships_that_cannot_be_trained_again() -> None:
    assert {path.name for path in MODELS.glob("*") if path.is_dir()} <= set(NAMES)


def test_it_is_complete_small_and_free(folder: Path) -> None:
    info = check_bundle(folder)
    assert info.licence in KNOWN
    assert info.description and info.dice and info.limits
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= _LARGEST


def test_it_says_what_its_plan_says(folder: Path) -> None:
    info, plan = check_bundle(folder), plan_of(folder)
    assert (info.name, info.classes, info.sections) == (plan.name, plan.classes, plan.sections)
    assert info.pixel_range_um == plan.pixel_range_um and info.channel_names == ("grey",)


def test_it_is_found_by_its_name_and_is_not_the_users_own(folder: Path) -> None:
    model = find_model(folder.name)
    assert model.kind == "shipped" and model.folder.resolve() == folder.resolve()


def test_its_card_tells_how_good_it_is_and_where_it_ends(folder: Path) -> None:
    card = (folder / CARD).read_text(encoding="utf-8")
    figures = {one.title: one for one in check_bundle(folder).figures}
    assert {"Held-out generated specimens", "Reliability"} <= set(figures)
    assert len(figures) > 2, "no figures on real images"
    assert all(f"### {title}" in card and one.rows for title, one in figures.items())
    assert "## Limits" in card and "## Licence" in card


def test_its_log_lies_beside_its_weights(folder: Path) -> None:
    log = json.loads((folder / "docs" / "training.json").read_text(encoding="utf-8"))
    assert log["recipe"]["plan"]["name"] == folder.name and log["recipe"]["specimens"]["training"]["count"] > 0
    assert {"numpy", "scipy", "torch", "monai"} <= set(log["packages"])
    assert (folder / "docs" / "training.csv").read_text(encoding="utf-8").count("\n") > 5


def test_it_says_the_same_without_torch(folder: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    assert (folder / PORTABLE).stat().st_size < 1.2 * (folder / WEIGHTS).stat().st_size
    sample = plan_of(folder).draw(_UNSEEN, "validation")[0]
    with_torch, without = (predicted(folder, sample.normalised, runtime) for runtime in ("torch", "onnx"))
    assert np.abs(with_torch - without).max() < 1e-3


def test_it_tells_the_classes_of_an_unseen_specimen_apart(folder: Path) -> None:
    from batterycell.pretrain.judging.predictions import judge

    samples = plan_of(folder).draw(_UNSEEN, "validation")[:2]
    dice = judge(load_model(folder), samples, Progress()).whole().score("dice")
    assert np.nanmean(dice) > _LEAST_DICE, dice


def predicted(folder: Path, image: np.ndarray, runtime: str) -> np.ndarray:
    """Probabilities of the classes."""
    from batterycell.segment.apply.predict import predict_probabilities

    model = load_model(folder, runtime=runtime)  # type: ignore[arg-type]
    return predict_probabilities(model.network, image, model.info.network)
