"""A model as a folder that MONAI's tools read too: weights, description, card, licence, and a checksum of each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.output import result_folder
from batterycell.segment.needs import Runtime, require_packages, require_runtime

from .contents import INFERENCE, METADATA, PORTABLE, WEIGHTS, check_files, read_file, read_manifest, write_manifest
from .description import write_description
from .fields import check_plain, damaged
from .info import ModelInfo, NetworkSpec
from .metadata import from_metadata
from .portable import PortableNetwork, check_portable
from .weights import check_header, load_network, save_weights

# A network of 500 million weights; those that segment have one to forty.
_LARGEST_WEIGHTS = 2 * 2**30


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to be applied.

    Args:
        info: What it says of itself.
        network: A ``torch.nn.Module`` in evaluation mode, of `batterycell.segment.model.network.make_network`; where
            onnxruntime computes, a `batterycell.segment.model.portable.PortableNetwork`.
        folder: Where it came from.
        hash: SHA-256 of its weights: what stands in provenance.
    """

    info: ModelInfo
    network: Any
    folder: Path
    hash: str

    @property
    def portable_hash(self) -> str:
        """SHA-256 of the ONNX file that computes, as the same weights may be wired otherwise; empty for torch."""
        return self.network.sha256 if isinstance(self.network, PortableNetwork) else ""


def write_bundle(
    folder: Path, info: ModelInfo, weights: dict[str, Any], overwrite: bool = False, portable: bool = False
) -> None:
    """Write a model, whole or not at all.

    Args:
        folder: The folder to be.
        info: What it says of itself.
        weights: Tensors or arrays by name, of ``network.state_dict()``.
        overwrite: Whether an older model there may be replaced.
        portable: Whether it can be applied without torch, too: its weights are rounded to 16 bits, and the network lies
            beside them as ONNX. Needs the package onnx.

    Raises:
        InputError: if description and weights are not of one network, or could not be read back.
        OutputError: if the folder exists, or cannot be written.
    """
    require_packages()
    with result_folder(folder, overwrite) as partial:
        write_description(partial, info)
        (partial / WEIGHTS).parent.mkdir()
        stored = save_weights(weights, info.network, partial / WEIGHTS, half=portable)
        if portable:
            _write_portable(partial, info, stored)
        write_manifest(partial)


def read_info(folder: Path) -> ModelInfo:
    """What a model says of itself, every value checked; needs neither torch nor MONAI.

    Raises:
        InputError: if it is no model of this program, or if its description is damaged.
    """
    folder = Path(folder)
    return _read_info(folder, read_manifest(folder))


def check_bundle(folder: Path) -> ModelInfo:
    """Check that a model is complete and unaltered and says nothing that a program would run.

    Returns:
        What it says of itself.

    Raises:
        InputError: naming the file that is missing, altered or damaged.
    """
    return _checked(Path(folder))[0]


def load_model(folder: Path, device: str = "cpu", runtime: Runtime = "auto") -> LoadedModel:
    """A model ready to be applied; no code of it is run.

    Args:
        folder: The model's folder.
        device: Where its network goes, in torch's words.
        runtime: What computes: "torch", "onnx" (onnxruntime, on the CPU), or "auto": torch where it is installed.

    Raises:
        InputError: if it is incomplete, altered or damaged, or if a package is not installed.
    """
    folder = Path(folder)
    info, sums = _checked(folder)
    chosen = require_runtime(PORTABLE in sums, runtime)
    data = read_file(folder, WEIGHTS, sums[WEIGHTS], _LARGEST_WEIGHTS)
    own = hashlib.sha256(data).hexdigest()
    if chosen == "onnx":
        return LoadedModel(info, _load_portable(folder, sums, info.network), folder, own)
    return LoadedModel(info, load_network(data, info.network, folder / WEIGHTS).to(device), folder, own)


def is_portable(folder: Path) -> bool:
    """Whether a model can be applied without torch, through onnxruntime.

    Raises:
        InputError: if it is no model of this program.
    """
    return PORTABLE in read_manifest(folder)


def model_hash(folder: Path) -> str:
    """SHA-256 of a model's weights, as its list of checksums says."""
    return read_manifest(folder)[WEIGHTS]


def _write_portable(folder: Path, info: ModelInfo, stored: dict[str, Any]) -> None:
    from .portable.writing import to_onnx

    network = load_network((folder / WEIGHTS).read_bytes(), info.network, folder / WEIGHTS)
    (folder / PORTABLE).write_bytes(to_onnx(network, stored, info.network))


def _load_portable(folder: Path, sums: dict[str, str], spec: NetworkSpec) -> PortableNetwork:
    """The network, once it gave as many classes as it must for the smallest image."""
    smallest = np.zeros((1, spec.inputs, *[2 * spec.multiple] * (3 if spec.dimension == "3d" else 2)), np.float32)
    try:
        network = PortableNetwork(read_file(folder, PORTABLE, sums[PORTABLE], _LARGEST_WEIGHTS))
        shape = network(smallest).shape
    except (ValueError, RuntimeError) as error:
        raise damaged(str(folder / PORTABLE), "onnxruntime cannot run it") from error
    if shape != (1, spec.classes, *smallest.shape[2:]):
        raise damaged(str(folder / PORTABLE), "it is another network than the model describes")
    return network


def _checked(folder: Path) -> tuple[ModelInfo, dict[str, str]]:
    """What a model says of itself and its checksums, once every file was looked at."""
    sums = read_manifest(folder)
    check_files(folder, sums)
    check_header(folder / WEIGHTS)
    if PORTABLE in sums:
        copy, weights = (read_file(folder, name, sums[name], _LARGEST_WEIGHTS) for name in (PORTABLE, WEIGHTS))
        check_portable(copy, weights, folder / PORTABLE)
    check_plain(_read_json(folder, INFERENCE, sums), folder / INFERENCE)
    return _read_info(folder, sums), sums


def _read_info(folder: Path, sums: dict[str, str]) -> ModelInfo:
    values = _read_json(folder, METADATA, sums)
    check_plain(values, folder / METADATA)
    return from_metadata(values, str(folder / METADATA))


def _read_json(folder: Path, name: str, sums: dict[str, str]) -> Any:
    data = read_file(folder, name, sums[name])
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(str(folder / name), "it is no JSON") from error
