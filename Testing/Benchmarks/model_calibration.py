"""Whether the models that ship are as often right as they say: on generated specimens that nobody learnt from.

    python Testing/Benchmarks/model_calibration.py [--model DIR ...] [--specimens 8] [--seed 1] [--figures FILE]

"Before" is the network without the temperature that its calibration found on validation specimens; the labels are the
same. Specimens are drawn anew, from a seed that training did not use; the families lie outside of its ranges.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.pretrain import PRETRAININGS
from batterycell.pretrain.judging.predictions import predictions
from batterycell.pretrain.judging.reliability import BINS, Reliability, count_reliability
from batterycell.pretrain.plan import Split, family_of
from batterycell.pretrain.shipping import LOG
from batterycell.pretrain.specimens import draw_specimens, list_specimens, read_samples
from batterycell.progress import Progress
from batterycell.segment.model import LoadedModel, list_models, load_model
from batterycell.segment.model.figures import Figure, markdown_table, write_figures
from batterycell.segment.samples import Sample
from numpy.typing import NDArray


@dataclass
class Counted:
    """What was counted before and after calibration, of all specimens and of each family."""

    before: Reliability = field(default_factory=Reliability)
    after: Reliability = field(default_factory=Reliability)
    families: dict[str, tuple[Reliability, Reliability]] = field(default_factory=dict)

    def add(self, family: str, before: Reliability, after: Reliability) -> None:
        self.before, self.after = self.before + before, self.after + after
        old = self.families.get(family, (Reliability(), Reliability()))
        self.families[family] = (old[0] + before, old[1] + after)


def samples_of(name: str, split: Split, args: argparse.Namespace) -> list[Sample]:
    """The samples of a split, drawn anew."""
    counts = (0, args.specimens, 0) if split == "validation" else (0, 0, args.specimens)
    with tempfile.TemporaryDirectory() as folder:
        specimens = list_specimens(Path(folder), args.seed, counts)
        draw_specimens(PRETRAININGS[name](), specimens, args.processes, Progress())
        return read_samples(specimens, split)


def sharpened(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """What softmax would give of scores that are not divided by a temperature."""
    scores = np.log(np.maximum(probabilities.astype(np.float64), 1e-30)) * temperature
    sharp = np.exp(scores - scores.max(0))
    return np.asarray(sharp / sharp.sum(0), np.float32)


def count(model: LoadedModel, samples: list[Sample], temperature: float) -> Counted:
    """Reliability of a model over samples."""
    counted = Counted()
    for sample, found in predictions(model, samples, Progress()):
        labels = sample.labels[0]
        before = count_reliability(sharpened(found, temperature), labels)
        counted.add(family_of(sample), before, count_reliability(found, labels))
    return counted


def bins_table(name: str, counted: Counted, note: str) -> Figure:
    """Ten bins, before and after."""
    heads = ("probability stated", *(f"{what} {when}" for when in ("before", "after") for what in ("right", "share")))
    rows = []
    for number in range(BINS):
        cells = [cell for found in (counted.before, counted.after) for cell in _bin(found, number)]
        if any(cell != "–" for cell in cells):
            rows.append((f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}", *cells))
    return Figure(f"Calibration: {name}", heads, tuple(rows), note)


def _bin(found: Reliability, number: int) -> tuple[str, str]:
    if not found.sums[0, number]:
        return "–", "–"
    return f"{found.accuracy[number]:.3f}", f"{100 * found.share[number]:.2f} %"


def errors_table(name: str, counted: dict[Split, Counted], note: str) -> Figure:
    """Expected calibration error of all specimens and of each family."""
    rows = []
    for split, one in counted.items():
        rows.append((f"all {split}", f"{one.before.error:.4f}", f"{one.after.error:.4f}"))
        if split == "held-out":
            pairs = one.families.items()
            rows += [(name, f"{before.error:.4f}", f"{after.error:.4f}") for name, (before, after) in pairs]
    return Figure(f"Calibration error: {name}", ("specimens", "before", "after"), tuple(rows), note)


def measure(folder: Path, args: argparse.Namespace) -> list[Figure]:
    """The tables of one model."""
    model = load_model(folder)
    temperature = float(json.loads((folder / LOG).read_text(encoding="utf-8"))["recipe"]["temperature"])
    splits: tuple[Split, ...] = ("validation", "held-out")
    counted: dict[Split, Counted] = {
        split: count(model, samples_of(model.info.name, split, args), temperature) for split in splits
    }
    note = (
        f"{date.today()}, {args.specimens} specimens of each kind, seed {args.seed}, temperature {temperature:.3f};"
        " the error is the mean distance of stated and true part (expected calibration error, 10 bins)."
    )
    name = model.info.name
    return [errors_table(name, counted, note), bins_table(name, counted["held-out"], f"Held-out specimens; {note}")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, nargs="*", help="folders of models (default: all that ship)")
    for option, default in (("--specimens", 8), ("--seed", 1), ("--processes", 1)):
        parser.add_argument(option, type=int, default=default)
    parser.add_argument("--figures", type=Path, help="write the tables here, for python -m batterycell.pretrain card")
    args = parser.parse_args()
    shipped = [one.folder for one in list_models() if one.kind == "shipped" and one.info.name in PRETRAININGS]
    figures = [figure for folder in args.model or shipped for figure in measure(folder, args)]
    for figure in figures:
        print(f"\n{figure.title}\n\n{figure.note}\n\n{markdown_table(figure)}")
    if args.figures:
        write_figures(figures, args.figures)
    if not figures:
        print("no models ship yet")


if __name__ == "__main__":
    main()
