"""nnU-Net's own predictor, given a network of ours: its windows, its weights, its order of work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import StringIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from batterycell.segment.model import NetworkSpec
from numpy.typing import NDArray


def nnunet_labels(
    network: Any, spec: NetworkSpec, edge: tuple[int, ...], image: NDArray[np.float32], device: str
) -> Callable[[], NDArray[np.uint8]] | None:
    """What makes labels of an image as nnU-Net does; None where it is not installed.

    Windows overlap by half and are weighted by a Gaussian, nnU-Net's defaults; it would also mirror them, which is left
    out, as ours and MONAI's are not mirrored either.

    Args:
        network: A ``torch.nn.Module``.
        spec: What it is.
        edge: Of a window.
        image: Shape (slices, rows, columns), levels applied.
        device: As torch names it.
    """
    if not find_spec("nnunetv2"):
        return None
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    with redirect_stdout(StringIO()):
        predictor = nnUNetPredictor(use_mirroring=False, device=torch.device(device), allow_tqdm=False)
    predictor.network = network
    predictor.configuration_manager = SimpleNamespace(patch_size=edge)
    predictor.label_manager = SimpleNamespace(num_segmentation_heads=spec.classes)

    def labels() -> NDArray[np.uint8]:
        found = predictor.predict_sliding_window_return_logits(torch.from_numpy(image)[None])
        return np.asarray(found.argmax(0).cpu().numpy().astype(np.uint8))

    return labels
