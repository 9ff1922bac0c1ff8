"""``batterycell train``: the words, the files, going on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.errors import UsageError
from batterycell.segment.model import load_model, read_info
from batterycell.segment.train.learner import Learner
from made_training import GREY, made_labels

torch = pytest.importorskip("torch")
FAST = [
    *("--epochs", "2", "--steps", "4", "--batch", "4", "--patch", "32", "--width", "4", "--depth", "2"),
    *("--lr", "0.02", "--device", "cpu", "--voxel-size", "1,1,1"),
]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    from PIL import Image

    for name in ("images", "labels"):
        (tmp_path / "project" / name).mkdir(parents=True)
    labels = made_labels(0, (1, 64, 64))[0]
    Image.fromarray(np.array(GREY)[labels - 1].astype(np.uint8)).save(tmp_path / "project" / "images" / "cell.png")
    Image.fromarray(labels).save(tmp_path / "project" / "labels" / "cell.png")
    return tmp_path / "project"


def words(project: Path, out: str, *more: str) -> list[str]:
    return ["train", str(project), "--out", str(project.parent / out), *FAST, "--quiet", *more]


def test_a_project_becomes_a_model_with_its_curves(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(project, "model", "--name", "cells")) == 0
    out = project.parent / "model"
    assert load_model(out).info.name == "cells"
    assert {path.name for path in out.glob("*.*") if path.is_file()} >= {
        *("training.csv", "loss.png", "dice.png", "rounds.json", "provenance.json", "report.html"),
    }
    printed = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip() for line in printed[:4]] == ["class 1", "class 2", "class 3", "mean"]
    assert all(0.0 <= float(line.split("Dice ")[1]) <= 1.0 for line in printed[:4])
    assert printed[-1] == f"model: {out}" and not (project.parent / "model.run").exists()
    inputs = json.loads((out / "provenance.json").read_text())["inputs"]
    assert {Path(one["path"]).parent.name for one in inputs} == {"images", "labels"}


def test_the_same_words_go_on_with_an_interrupted_training(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    step, steps = Learner.step, 0

    def interrupted(learner: Learner, *batch: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps == 6:
            raise KeyboardInterrupt
        return step(learner, *batch)

    monkeypatch.setattr(Learner, "step", interrupted)
    monkeypatch.setattr("batterycell.segment.train.loop._KEEP_AFTER_S", 0.0)
    assert main(words(project, "model")) == 130
    assert not (project.parent / "model").exists() and (project.parent / "model.run").is_dir()
    assert main(words(project, "model")) == 0
    assert steps == 6 + 4
    assert "Went on after epoch 1, where it was interrupted." in capsys.readouterr().out


def test_other_words_do_not_go_on_but_can_begin_anew(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from batterycell.segment.train import train

    def stopped(*call: Any, **more: Any) -> Path:
        train(*call, **more)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batterycell.segment.train.train", stopped)
        assert main(words(project, "model")) == 130
    assert main(words(project, "model", "--seed", "5")) == 3
    assert "model.run holds a training that began with other" in capsys.readouterr().err
    assert main(words(project, "model", "--seed", "5", "--fresh")) == 0


def test_a_model_goes_on_from_another(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(project, "first")) == 0
    assert main(words(project, "second", "--from", str(project.parent / "first"), "--json")) == 0
    printed = capsys.readouterr().out
    result = json.loads(printed[printed.index("{") :])
    assert any(note.startswith("Goes on from") for note in result["notes"])
    assert len(read_info(project.parent / "second").training["rounds"]) == 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--epochs", "0"], "'0' is not a positive whole number"),
        (["--lr", "-1"], "'-1' is not a positive number"),
        (["--loss", "hinge"], "invalid choice"),
        (["--validation-part", "1.5"], "must be below 1"),
        (["--device", "tpu"], "is no device"),
    ],
)
def test_wrong_words_are_told_before_anything_is_read(
    project: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(project, "model", *more)) == UsageError.exit_code
    assert message in capsys.readouterr().err
    assert not (project.parent / "model.run").exists()


def test_an_older_result_is_kept_unless_told_otherwise(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project.parent / "model").mkdir()
    (project.parent / "model" / "mine.txt").write_text("mine")
    assert main(words(project, "model")) == 3
    assert "already exists" in capsys.readouterr().err
