"""Whether models that ship flag what they were trained on nothing like, and let through what they are for.

    python Testing/Benchmarks/familiarity.py [--model DIR ...] [--specimens 12] [--no-peer] [--figures FILE]

Foreign: pictures of foreign_pictures.py, and what the other model is for. Familiar: held-out generated specimens, whose
families lie outside of the training's ranges, and the real images. Peer, in the same run on the same windows: the mean
of the highest probability that the network gives a pixel (Hendrycks & Gimpel 2017, ICLR), which needs no training.
AUROC: the chance that a familiar image scores higher than a foreign one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.pretrain import PRETRAININGS
from batterycell.pretrain.specimens import draw_specimens, list_specimens, read_samples
from batterycell.progress import Progress
from batterycell.segment import Image
from batterycell.segment.apply.familiar import Statistics, judge_windows, read_statistics
from batterycell.segment.apply.familiar.windows import image_windows
from batterycell.segment.apply.foreign import fit_channels
from batterycell.segment.apply.predict import Windows, predict_probabilities
from batterycell.segment.apply.settings import ApplySettings
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.model import LoadedModel, list_models, load_model
from batterycell.segment.model.figures import Figure, markdown_table, write_figures
from batterycell.volume import Volume
from foreign_pictures import familiar_cathodes, familiar_cells, foreign_pictures

SEED = 77  # of the specimens; no training used it
PEER_EDGE = 256
REAL = {"cell-overhang": familiar_cells, "cathode-microstructure": familiar_cathodes}
# Out of what the models are for, in their cards' own words: neither verdict is wrong.
OUTSIDE = {"axial_AAAA_alkaline": "no winding", "nmc_xtm": "no micrograph"}


@dataclass(frozen=True)
class Seen:
    """An image, judged.

    Args:
        kind: What it is.
        name: Its name.
        is_familiar: Whether the model is for such images.
        score: How familiar it looks.
        is_flagged: Whether it would be refused.
        peer: Mean highest probability.
    """

    kind: str
    name: str
    is_familiar: bool
    score: float
    is_flagged: bool
    peer: float


def judge(model: LoadedModel, images: Iterable[tuple[str, Image]], is_familiar: bool, peer: bool) -> Iterator[Seen]:
    """Judge images as the product does before it segments them."""
    statistics = read_statistics(model.folder)
    assert statistics is not None
    for kind, image in images:
        seen = _seen(model, statistics, (kind, image), is_familiar, peer)
        yield from () if seen is None else (seen,)


def _seen(
    model: LoadedModel, statistics: Statistics, what: tuple[str, Image], is_familiar: bool, peer: bool
) -> Seen | None:
    """None of an image that is too small to be judged."""
    kind, image = what
    image, _ = fit_channels(image, model.info, ApplySettings())
    levels = tuple(measure_levels(channel) for channel in image.channels)
    windows = image_windows(image, levels, model.info)
    if not windows:
        return None
    found = judge_windows(windows, statistics, (image.name, model.info.name))
    sure = _surest(model, windows) if peer else float("nan")
    return Seen(kind, image.name, is_familiar, found.score, found.is_foreign, sure)


def _surest(model: LoadedModel, windows: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]) -> float:
    """The peer, on the middle of some windows."""
    found = []
    for window in windows[:: max(1, len(windows) // 4)]:
        rows, columns = (max(0, (length - PEER_EDGE) // 2) for length in window.shape)
        part = window[rows : rows + PEER_EDGE, columns : columns + PEER_EDGE]
        given = predict_probabilities(model.network, part[None, None], model.info.network, "cpu", Windows(), Progress())
        found.append(float(given.max(0).mean()))
    return float(np.mean(found))


def specimens(name: str, count: int) -> Iterator[tuple[str, Image]]:
    """Held-out generated sections, one image each."""
    with tempfile.TemporaryDirectory() as folder:
        listed = list_specimens(Path(folder), SEED, (0, 0, count))
        draw_specimens(PRETRAININGS[name](), listed, 1, Progress())
        for sample in read_samples(listed, "held-out"):
            volume = Volume.from_stack(sample.image[0], sample.voxel_size_um, "generated", sample.name)
            yield "generated, held out", Image(f"{sample.source} {sample.name}", (volume,))


def auroc(seen: Sequence[Seen], peer: bool) -> float:
    """The chance that a familiar image scores higher than a foreign one."""
    familiar, foreign = (
        np.array([one.peer if peer else one.score for one in seen if one.is_familiar == side]) for side in (True, False)
    )
    return float(np.mean(familiar[:, None] > foreign) + 0.5 * np.mean(familiar[:, None] == foreign))


def tables(name: str, seen: Sequence[Seen], limit: float, sources: int) -> list[Figure]:
    """Detection by kind, and every image that is not generated."""
    judged = [one for one in seen if one.name not in OUTSIDE]
    rows = []
    for kind in dict.fromkeys(one.kind for one in judged):
        some = [one for one in judged if one.kind == kind]
        flagged, scores = sum(one.is_flagged for one in some), [one.score for one in some]
        wanted = "let through" if some[0].is_familiar else "flagged"
        rows.append((kind, wanted, f"{flagged} of {len(some)}", f"{min(scores):.1f} to {max(scores):.1f}"))
    note = f"{date.today()}. Flagged below {limit:.2f}; {sources} held-out specimens. " + _auroc_note(judged)
    known = Figure(
        "What is foreign to it is flagged", ("images", "should be", "flagged", "familiarity"), tuple(rows), note
    )
    each = [one for one in seen if one.kind != "generated, held out"]
    lines = tuple((one.name, one.kind, _verdict(one), f"{one.score:.1f}") for one in each)
    return [known, Figure(f"{name}: image by image", ("image", "kind", "verdict", "familiarity"), lines)]


def _verdict(one: Seen) -> str:
    said = "flagged" if one.is_flagged else "let through"
    if one.name in OUTSIDE:
        return f"{said} ({OUTSIDE[one.name]})"
    return said if one.is_flagged != one.is_familiar else f"{said}: WRONG"


def _auroc_note(judged: Sequence[Seen]) -> str:
    peer = "" if np.isnan(judged[0].peer) else f", of the network's highest probability {auroc(judged, True):.3f}"
    return f"AUROC {auroc(judged, False):.3f}{peer}."


def run(model: LoadedModel, chosen: argparse.Namespace) -> list[Figure]:
    """All images through one model."""
    name, size = model.info.name, model.info.voxel_size_um
    other = next(one for one in REAL if one != name)
    peer, statistics = not chosen.no_peer, read_statistics(model.folder)
    assert statistics is not None
    familiar = [*judge(model, specimens(name, chosen.specimens), True, peer), *judge(model, REAL[name](), True, peer)]
    swapped = [("what the other model is for", _resized(image, size)) for _, image in REAL[other]()]
    foreign = [*judge(model, foreign_pictures(size), False, peer), *judge(model, swapped, False, peer)]
    return tables(name, [*familiar, *foreign], statistics.limit, chosen.specimens)


def _resized(image: Image, size_um: tuple[float, float, float]) -> Image:
    """The same pixels, said to be of another size: nothing but what they show may tell."""
    slices = image.grid.array[:: max(1, len(image.grid.array) // 8)]
    return Image(image.name, (Volume.from_stack(slices, size_um, "assumed", image.name),))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model", type=Path, nargs="+", help="models' folders (default: those that ship)")
    words.add_argument("--specimens", type=int, default=12, help="held-out specimens to draw")
    words.add_argument("--no-peer", action="store_true", help="leave the peer out: no network is run")
    words.add_argument("--figures", type=Path, default=None, help="files for the cards; the model's name is put in")
    chosen = words.parse_args()
    folders = chosen.model or [one.folder for one in list_models() if one.kind == "shipped" and one.info.name in REAL]
    for folder in folders:
        model = load_model(folder)
        if read_statistics(folder) is None:
            print(f"\n{model.info.name} says nothing of what it knows.")
            continue
        figures = run(model, chosen)
        for figure in figures:
            print(f"\n{model.info.name}. {figure.title}\n\n{figure.note}\n\n{markdown_table(figure)}")
        if chosen.figures:
            own = chosen.figures.with_name(f"{chosen.figures.stem}-{model.info.name}{chosen.figures.suffix}")
            write_figures(figures[:1], own)


if __name__ == "__main__":
    main()
