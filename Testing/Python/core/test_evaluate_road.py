"""Evaluation by the command line and by the desktop's worker: files, pages, words."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.pictures.label_overlay import blend, compare_labels, grey_picture
from batterycell.provenance import Sources, describe_files
from batterycell.report.training import write_training_report
from batterycell.segment.evaluate import WorstSlice
from batterycell.tables import Table
from batterycell.worker import evaluate as job
from batterycell.worker import write_job
from labelled_files import CLASSES, save_picture, save_segments

Capture = pytest.CaptureFixture[str]
FILES = {"dice.csv", "confusion.csv", "evaluation.json", "report.html", "provenance.json"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three images in folders; the third one's prediction is bad."""
    random = np.random.default_rng(0)
    for n in range(3):
        truth = np.repeat(np.repeat(random.integers(1, 4, (6, 8)), 6, 0), 6, 1)
        prediction = np.where(random.random(truth.shape) < (0.4 if n == 2 else 0.02), 1, truth)
        save_picture(truth, tmp_path / "labels" / f"im{n}.png")
        save_segments(prediction[None], CLASSES, tmp_path / "pred" / f"im{n}.seg.nrrd")
        save_picture(truth * 60 + random.normal(0, 9, truth.shape), tmp_path / "images" / f"im{n}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_evaluating_folders_prints_the_table_and_writes_everything(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "pred", "labels", "--images", "images", "--tolerance", "2", "--out", "out"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["image", "pore", "active", "material", "binder", "mean"]
    assert [line.split()[0] for line in lines[1:7]] == ["im0", "im1", "im2", "mean", "95", "95"]
    written = {path.name for path in (here / "out").iterdir() if not path.name.startswith(".")}
    assert (
        written == FILES | {"worst_1_im2.png", "worst_2_im0.png", "worst_3_im1.png"} or len(written) == len(FILES) + 3
    )
    assert (here / "out" / "worst_1_im2.png").is_file()


def test_the_table_of_the_file_is_that_of_the_screen(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "pred", "labels", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    with (here / "evaluation" / "dice.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["image"], row["class"]): row for row in csv.DictReader(file)}
    printed = {row[0]: row[1:] for row in result["tables"]["dice"][1:]}
    for image in ("im0", "im1", "im2", "mean"):
        values = [float(rows[image, name]["dice"]) for name in (*(one.name for one in CLASSES), "mean")]
        assert [f"{value:.3f}" for value in values] == printed[image]
    assert result["mean_dice"]["count"] == 3


def test_the_page_stands_alone_and_names_the_worst(here: Path) -> None:
    assert main(["evaluate", "pred", "labels", "--images", "images", "--out", "out", "--quiet"]) == 0
    page = (here / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") + page.count("data:image/jpeg;base64,") == 3
    assert "http" not in page.split("<body>")[1].replace("http-equiv", "")
    assert "on im2." in page
    for text in ("95 % interval", "What was taken for what", "active material"):
        assert text in page


def test_names_cannot_break_the_page(here: Path) -> None:
    (here / "labels" / "im0.png").rename(here / "labels" / "<b>im0.png")
    (here / "pred" / "im0.seg.nrrd").rename(here / "pred" / "<b>im0.seg.nrrd")
    assert main(["evaluate", "pred", "labels", "--out", "out", "--quiet"]) == 0
    assert "<b>" not in (here / "out" / "report.html").read_text(encoding="utf-8")


def test_where_it_comes_from_is_written_down(here: Path) -> None:
    assert main(["evaluate", "pred/im0.seg.nrrd", "labels/im0.png", "--tolerance", "1", "--out", "out"]) == 0
    provenance = json.loads((here / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert [Path(one["path"]).name for one in provenance["inputs"]] == ["im0.seg.nrrd", "im0.png"]
    assert all(len(one["sha256"]) == 64 for one in provenance["inputs"])
    assert provenance["recipe"]["tolerance_px"] == 1.0


def test_a_classes_file_beside_the_labels_names_the_classes(here: Path, capsys: Capture) -> None:
    for path in (here / "pred").iterdir():
        path.unlink()
    for path in (here / "labels").iterdir():
        save_picture(np.full((36, 48), 2), here / "pred" / path.name)
    classes = [{"name": name} for name in ("void", "grain", "glue")]
    (here / "classes.json").write_text(json.dumps({"classes": classes}), encoding="utf-8")
    assert main(["evaluate", "pred", "labels", "--out", "a"]) == 0
    assert main(["evaluate", "pred", "labels", "--classes", "x,y,z", "--out", "b"]) == 0
    heads = [line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.startswith("image")]
    assert heads == [["void", "grain", "glue", "mean"], ["x", "y", "z", "mean"]]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["pred", "nothing"], 3),
        (["pred", "labels/im0.png"], 2),
        (["pred", "labels", "--tolerance", "-1"], 2),
        (["pred", "labels", "--classes", "one"], 3),
        (["pred"], 2),
    ],
)
def test_wrong_words_leave_nothing_behind(here: Path, words: list[str], code: int, capsys: Capture) -> None:
    assert main(["evaluate", *words, "--out", "out"]) == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (here / "out").exists()


def test_the_worker_evaluates_as_the_command_line_does(here: Path) -> None:
    pairs = [
        {"name": f"im{n}", "prediction": f"{here}/pred/im{n}.seg.nrrd", "truth": f"{here}/labels/im{n}.png"}
        for n in range(3)
    ]
    (here / "job").mkdir()
    write_job(here / "job", "evaluate", None, {"pairs": pairs, "tolerance_px": 2})
    subprocess.run([sys.executable, "-m", "batterycell.worker", str(here / "job")], check=True, capture_output=True)
    assert main(["evaluate", "pred", "labels", "--tolerance", "2", "--out", "out", "--quiet"]) == 0
    assert (here / "job/result/dice.csv").read_text() == (here / "out/dice.csv").read_text()
    scores, confusion = job.read_scores(here / "job"), job.read_confusion(here / "job")
    assert isinstance(scores, Table) and len(scores) == 3 * 4 + 4
    assert confusion["voxels"].sum() == 2 * 3 * 36 * 48
    assert job.read_grid(here / "job")[0] == ["image", *(one.name for one in CLASSES), "mean"]
    assert job.read_summary(here / "job")["images"] == 3
    short = job.read_dice_table(here / "job")
    assert [column.title for column in short.columns] == ["Image", *(one.name for one in CLASSES), "mean"]
    assert short["image"].tolist() == ["im0", "im1", "im2", "mean", "95 % from", "95 % to"]
    assert short["mean"][3] == pytest.approx(job.read_summary(here / "job")["mean_dice"]["mean"], abs=1e-3)


def test_the_worker_takes_names_of_classes(here: Path) -> None:
    """The desktop knows them, and writes plain label volumes."""
    classes = [{"name": name, "color": "#112233"} for name in ("a", "b", "c")]
    pair = {"name": "im0", "prediction": f"{here}/labels/im0.png", "truth": f"{here}/labels/im0.png"}
    (here / "result").mkdir()
    from batterycell.progress import Progress

    job.run({"settings": {"pairs": [pair], "classes": classes}}, here / "result", Progress())
    assert job.read_grid(here)[0] == ["image", "a", "b", "c", "mean"]


def worst(**changes: Any) -> WorstSlice:
    grey = np.linspace(0, 100, 48 * 60, dtype=np.float32).reshape(48, 60)
    truth = np.ones((48, 60), np.uint8)
    prediction = truth.copy()
    prediction[:, 30:] = 2
    values = {"grey": grey, "truth": truth, "prediction": prediction, **changes}
    return WorstSlice("a", None, 0.5, classes=CLASSES, **values)


def test_the_picture_shows_four_panels_and_wrong_pixels_in_red() -> None:
    picture = compare_labels(worst())
    rows, columns, _ = picture.shape
    width = (columns - 3 * 8) // 4
    assert (rows, width) == (48 * 4, 60 * 4)
    last = picture[:, -width:]
    is_red = (last[..., 0] > 200) & (last[..., 1] < 120)
    assert is_red[:, width // 2 :].all() and not is_red[:, : width // 2].any()


def test_large_pictures_are_reduced() -> None:
    large = worst(
        grey=np.zeros((1700, 900), np.float32),
        truth=np.ones((1700, 900), np.uint8),
        prediction=np.ones((1700, 900), np.uint8),
    )
    assert max(compare_labels(large).shape[:1]) <= 800


def test_unknown_pixels_stay_grey_and_nan_does_no_harm() -> None:
    grey = np.array([[0.0, np.nan, 50.0, 100.0]], np.float32)
    picture = grey_picture(grey)
    assert (blend(picture, np.zeros((1, 4), np.uint8), CLASSES) == picture).all()
    assert grey_picture(np.full((2, 2), np.nan)).shape == (2, 2, 3)


def test_the_page_of_a_training_tells_dice_rounds_and_frames(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from batterycell.pictures.training_curves import save_training_curves
    from batterycell.segment.train.history import make_history
    from made_model import INFO, made_model

    rounds = [
        {"round": n, "frames": ["f"] * n, "painted_pixels": 12345, "minutes": 2.0, "mean_dice": 0.9} for n in (1, 2)
    ]
    training = {"epochs": 9, "best_epoch": 7, "minutes": 1.0, "notes": ["The batch was lowered."], "rounds": rounds}
    out = made_model(tmp_path / "model", training={**training, "device": "CPU", "settings": {"patch": 64}})
    history = make_history(
        [[epoch, 1 / epoch, 1e-3, epoch, 0.9, 0.9, 0.9, 0.9] for epoch in range(1, 10)], INFO.classes
    )
    save_training_curves(history, INFO.classes, out)
    write_training_report(out, describe_files({}, Sources([out / "LICENSE"], "batterycell train")))
    page = (out / "report.html").read_text(encoding="utf-8")
    for text in (
        "Cell top",
        "0.910",
        "12,345",
        "cell_7/frame 2",
        "The batch was lowered.",
        "best one was 7",
        "patch 64",
    ):
        assert text in page
    assert page.count("data:image/") == 2


def test_a_strangers_training_facts_cannot_break_the_page(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from made_model import made_model

    odd = {
        "minutes": "long",
        "rounds": [1, {"minutes": None}, {"frames": 5}],
        "notes": "<b>",
        "settings": [],
        "epochs": {},
    }
    out = made_model(tmp_path / "model", training=odd, description="<script>alert(1)</script>", dice={})
    write_training_report(out, describe_files({}, Sources()))
    assert "<script>" not in (out / "report.html").read_text(encoding="utf-8")
