"""Models that ship: drawn, trained, calibrated, judged, written with their cards; broken off, they go on."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import batterycell
import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError, OutputError
from batterycell.pretrain import PRETRAININGS, SPLITS, random_of
from batterycell.pretrain.command import main
from batterycell.pretrain.judging.calibration import fit_temperature, fold_temperature
from batterycell.pretrain.judging.reliability import Reliability, count_reliability
from batterycell.pretrain.sources import fingerprint, sources_of
from batterycell.pretrain.specimens import check_sample, draw_specimens, list_specimens, read_samples
from batterycell.progress import Progress
from batterycell.segment.model import NetworkSpec
from batterycell.segment.samples import Sample
from made_model import change_json
from made_pretraining import draw, made_plan
from made_training import Breaks

PACKAGE = Path(batterycell.__file__).parent
SPEC = NetworkSpec("2d", 1, 0, 3, (4, 8, 16), (2, 2), norm="batch", activation="relu")


def images_of(samples: list[Sample]) -> list[bytes]:
    return [sample.image.tobytes() for sample in samples]


def test_no_seed_is_shared_by_two_splits() -> None:
    assert len({random_of(3, split).integers(2**60) for split in SPLITS}) == len(SPLITS)


def test_specimens_are_drawn_alike_by_one_process_and_by_two(tmp_path: Path) -> None:
    for processes in (1, 2):
        specimens = list_specimens(tmp_path / str(processes), 0, (2, 1, 1))
        draw_specimens(made_plan(), specimens, processes, Progress())
    ours, theirs = (list_specimens(tmp_path / one, 0, (2, 1, 1)) for one in "12")
    for split in SPLITS:
        assert images_of(read_samples(ours, split)) == images_of(read_samples(theirs, split)), split
    assert len(read_samples(ours, "training")) == 4


def test_drawing_that_was_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    specimens, drawn = list_specimens(tmp_path, 0, (3, 1, 1)), []
    plan = made_plan(draw=lambda seed, split: drawn.append((seed, split)) or draw(seed, split))
    with pytest.raises(Cancelled):
        draw_specimens(plan, specimens, 1, Progress(is_cancelled=Breaks(2)))
    assert 0 < len(drawn) < 5
    draw_specimens(plan, specimens, 1, Progress())
    assert len(drawn) == len(set(drawn)) == 5


def test_another_seed_shares_no_specimen(tmp_path: Path) -> None:
    seeds = [{one.seed for one in list_specimens(tmp_path, seed, (100, 9, 9))} for seed in (0, 1)]
    assert not seeds[0] & seeds[1]


def test_specimens_are_known_by_the_sources_that_draw_them() -> None:
    names = {path.relative_to(PACKAGE).as_posix() for path in sources_of("batterycell.pretrain.cathodes.draw")}
    assert "pretrain/cathodes/draw.py" in names and "phantom/microstructure/settings.py" in names
    assert not any(name.startswith("pretrain/cells") for name in names)
    plans = [make() for make in PRETRAININGS.values()]
    assert len({fingerprint(plan) for plan in plans}) == len(plans)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"quantiles": ()}, "grey values"),
        ({"voxel_size_um": (1.0, 2.0, 2.0)}, "out of range"),
        ({"labels": np.full((1, 48, 48), 4, np.uint8)}, "no class"),
        ({"image": np.full((1, 1, 48, 48), np.nan)}, "no numbers"),
    ],
)
def test_samples_that_are_not_what_was_promised_are_refused(change: dict[str, Any], problem: str) -> None:
    sample = draw(0, "training")[0]
    check_sample(sample, made_plan())
    with pytest.raises(ValueError, match=problem):
        check_sample(replace(sample, **change), made_plan())


def test_a_folded_temperature_divides_the_scores() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from batterycell.segment.model import make_network

    torch.manual_seed(1)
    network = make_network(SPEC)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight)
            torch.nn.init.normal_(module.bias)
    network.eval()
    images = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        before = network(images)
        network.load_state_dict(fold_temperature(network.state_dict(), SPEC, 1.7))
        torch.testing.assert_close(network(images), before / 1.7, rtol=1e-4, atol=1e-5)


def test_temperatures_fold_only_where_a_factor_passes() -> None:
    with pytest.raises(ValueError, match="batch normalisation"):
        fold_temperature({}, replace(SPEC, activation="prelu"), 2.0)


def sure_of(temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are too sure by a factor, and labels that the fitting ones drew."""
    random = np.random.default_rng(seed)
    scores = random.normal(0.0, 1.5, (3, 200, 200))
    fitting = np.exp(scores) / np.exp(scores).sum(0)
    labels = (random.random((200, 200)) > fitting.cumsum(0)).sum(0).astype(np.uint8) + 1
    sharp = np.exp(scores * temperature)
    return (sharp / sharp.sum(0)).astype(np.float32), labels


def test_the_temperature_is_the_factor_by_which_a_model_is_too_sure() -> None:
    assert fit_temperature([sure_of(2.0)]) == pytest.approx(2.0, rel=0.1)
    assert fit_temperature([sure_of(0.5)]) == pytest.approx(0.5, rel=0.1)


def test_reliability_tells_who_is_too_sure() -> None:
    fitting, sharp = (count_reliability(*sure_of(factor)) for factor in (1.0, 3.0))
    assert fitting.error < 0.01 and sharp.error > 0.1
    assert fitting.share.sum() == pytest.approx(1.0)
    both = fitting + sharp
    assert both.sums[0].sum() == 80_000
    assert Reliability().error == 0.0


def test_unlabelled_pixels_are_not_counted() -> None:
    probabilities, labels = sure_of(1.0)
    labels[:100] = 0
    assert count_reliability(probabilities, labels).sums[0].sum() == 20_000


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model made in two goes, of which the first was broken off in the training."""
    for package in ("torch", "onnx"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    from batterycell.pretrain.run import pretrain
    from batterycell.pretrain.settings import PretrainSettings

    out = tmp_path_factory.mktemp("pretrain") / "made-blobs"
    settings = PretrainSettings(out, threads=1, minutes=1.0, others=(made_plan(name="others"),))
    with pytest.raises(Cancelled):
        pretrain(made_plan(), settings, Progress(is_cancelled=Breaks(40)))
    assert settings.work.exists() and not out.exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batterycell.segment.apply.familiar.learn._OUTLIERS", 20)
        pretrain(made_plan(), settings, Progress())
    assert not settings.work.exists()
    return out


def test_a_model_that_ships_says_what_its_plan_says(shipped: Path) -> None:
    from batterycell.segment.model import check_bundle

    info = check_bundle(shipped)
    assert (info.name, info.version, info.licence) == ("made-blobs", "1.0.0", "CC-BY-4.0")
    assert (info.pixel_range_um, info.sections) == ((0.4, 0.6), "around")
    assert min(info.dice.values()) > 0.8
    assert "generated specimens" in info.training["rounds"][0]["frames"]


def test_it_knows_what_it_learnt_from_by_its_look(shipped: Path) -> None:
    from batterycell.segment.apply.familiar import read_statistics

    statistics = read_statistics(shipped)
    assert statistics is not None and statistics.judges


def test_what_is_familiar_is_learnt_anew_without_training(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from batterycell.pretrain.familiar import refresh_familiarity
    from batterycell.segment.apply.familiar import read_statistics
    from batterycell.segment.model import check_bundle, model_hash

    plans = {name: partial(made_plan, name=name) for name in ("made-blobs", "others")}
    monkeypatch.setattr("batterycell.pretrain.familiar.PRETRAININGS", plans)
    monkeypatch.setattr("batterycell.segment.apply.familiar.learn._OUTLIERS", 10)
    copy = Path(shutil.copytree(shipped, tmp_path / "copy"))
    before = read_statistics(copy)
    refresh_familiarity(copy, tmp_path / "cache", 1, Progress())
    after = read_statistics(copy)
    assert before and after and not np.array_equal(before.judges[0].weights, after.judges[0].weights)
    np.testing.assert_allclose(before.middle, after.middle)
    check_bundle(copy)
    assert model_hash(copy) == model_hash(shipped)


def test_its_card_holds_families_reliability_and_limits(shipped: Path) -> None:
    card = (shipped / "docs" / "README.md").read_text(encoding="utf-8")
    for words in (
        "### Held-out generated specimens",
        "| noisy | 2 |",
        "| soft | 2 |",
        "| all | 4 |",
        "### Reliability",
    ):
        assert words in card
    assert "Expected calibration error 0." in card and "- Blobs only." in card
    assert "Generated images only" in card


def test_its_log_holds_seeds_versions_and_epochs(shipped: Path) -> None:
    log = json.loads((shipped / "docs" / "training.json").read_text(encoding="utf-8"))
    assert log["recipe"]["specimens"]["training"] == {"first": 0, "count": 3}
    assert {"numpy", "torch", "monai"} <= set(log["packages"])
    assert log["recipe"]["temperature"] > 0
    assert (shipped / "docs" / "training.csv").read_text(encoding="utf-8").count("\n") >= 5


def test_it_can_be_applied_without_torch(shipped: Path) -> None:
    from batterycell.segment.model.bundle import is_portable

    assert is_portable(shipped)


def test_a_figure_of_a_benchmark_goes_onto_the_card(shipped: Path, tmp_path: Path, capsys: Any) -> None:
    from batterycell.segment.model import check_bundle, load_model
    from batterycell.segment.model.figures import Figure, write_figures

    before = load_model(shipped).hash
    for dice in ("0.1", "0.2"):
        figure = Figure("Real images", ("image", "Dice"), (("a | b", dice),), "Measured today.")
        write_figures([figure], tmp_path / "figures.json")
        assert main(["card", str(shipped), str(tmp_path / "figures.json")]) == 0
    info = check_bundle(shipped)
    assert [one.title for one in info.figures] == ["Held-out generated specimens", "Reliability", "Real images"]
    card = (shipped / "docs" / "README.md").read_text(encoding="utf-8")
    assert "| a \\| b | 0.2 |" in card and "0.1 |" not in card.partition("### Real images")[2]
    assert load_model(shipped).hash == before and "Real images" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"figures": [{"title": "T", "heads": ["a", "b"], "rows": [["1"]], "note": ""}]},
        {"figures": [{"title": "T", "heads": ["a"], "rows": [[1]], "note": ""}]},
        {"figures": [{"title": "T", "heads": ["a"], "rows": [["\u202e1"]], "note": ""}]},
        {"pixel_range_um": [2.0, 1.0]},
        {"pixel_range_um": [0.0, 1.0]},
        {"sections": "across"},
        {"limits": [7]},
    ],
)
def test_what_a_stranger_wrote_onto_a_model_is_checked(shipped: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    from batterycell.segment.model import check_bundle

    copy = Path(shutil.copytree(shipped, tmp_path / "copy"))
    check_bundle(copy)
    change_json(copy, "configs/metadata.json", lambda values: values["batterycell"].update(change))
    with pytest.raises(InputError):
        check_bundle(copy)


def test_models_of_before_say_what_they_always_meant(shipped: Path, tmp_path: Path) -> None:
    from batterycell.segment.model import check_bundle

    new = ("pixel_range_um", "sections", "trained_on", "limits", "figures")
    copy = Path(shutil.copytree(shipped, tmp_path / "copy"))
    change_json(copy, "configs/metadata.json", lambda values: [values["batterycell"].pop(name) for name in new])
    info = check_bundle(copy)
    assert (info.pixel_range_um, info.sections, info.figures) == (None, "as trained", ())


def test_a_model_that_is_there_is_not_replaced_unasked(shipped: Path) -> None:
    from batterycell.pretrain.run import pretrain
    from batterycell.pretrain.settings import PretrainSettings

    with pytest.raises(OutputError):
        pretrain(made_plan(), PretrainSettings(shipped), Progress())


def test_the_command_names_what_it_can_train(capsys: Any) -> None:
    assert main(["battery-life", "--out", "x"]) == 2
    assert "cell-overhang" in capsys.readouterr().err
