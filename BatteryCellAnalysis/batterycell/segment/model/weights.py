"""A network's weights as safetensors: numbers and their names, nothing else; never pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .fields import damaged
from .info import NetworkSpec
from .network import make_network

_LONGEST_HEADER = 16 * 2**20


def empty_network(spec: NetworkSpec) -> Any:
    """The network without memory for its weights, so that a hostile description allocates nothing."""
    import torch

    with torch.device("meta"):
        return make_network(spec)


def save_weights(weights: dict[str, Any], spec: NetworkSpec, path: Path, half: bool = False) -> dict[str, Any]:
    """Write the weights of a network.

    Args:
        weights: Tensors or arrays by name, of ``network.state_dict()``.
        spec: The network they belong to.
        path: Where to.
        half: Whether they are rounded to float16, as far as their size allows; else they are stored as float32.

    Returns:
        The tensors as they were stored.

    Raises:
        InputError: if they are not all of this network's, or not finite.
    """
    from safetensors.torch import save

    tensors = {name: _as_float(value) for name, value in weights.items()}
    _check(tensors, spec, path)
    stored = {name: _rounded(tensor) for name, tensor in tensors.items()} if half else tensors
    # Not its own save_file: what a full disk says must stay an OSError.
    path.write_bytes(save(stored, metadata={"format": "pt"}))
    return stored


def load_network(data: bytes, spec: NetworkSpec, place: Path) -> Any:
    """The network with weights, in evaluation mode, on the CPU.

    Args:
        data: Bytes of a safetensors file.
        spec: The network they belong to.
        place: The file, for messages.

    Raises:
        InputError: if these are no weights of this network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = {name: _as_float(tensor) for name, tensor in load(data).items()}
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise damaged(str(place), "it holds no weights in the format safetensors") from error
    _check(tensors, spec, place)
    network = empty_network(spec)
    network.load_state_dict(tensors, assign=True)
    return network.eval()


def _as_float(value: Any) -> Any:
    """The numbers on the CPU in memory of their own; counters, of batch normalisation, stay whole numbers."""
    import torch

    tensor = torch.as_tensor(value).detach().cpu()
    return tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True).contiguous()


def _rounded(tensor: Any) -> Any:
    """Rounded to float16, if that is a matter of digits only: a variance may be too large for it, or too small."""
    import torch

    if not tensor.is_floating_point():
        return tensor
    sizes = tensor.abs()
    least, most = torch.finfo(torch.float16).tiny, torch.finfo(torch.float16).max
    fits = bool((sizes <= most).all()) and (tensor.ndim > 1 or bool(((sizes >= least) | (sizes == 0)).all()))
    return tensor.half() if fits else tensor


def _check(tensors: dict[str, Any], spec: NetworkSpec, place: Path) -> None:
    import torch

    expected = {name: tuple(tensor.shape) for name, tensor in empty_network(spec).state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found != expected:
        raise damaged(str(place), "the weights do not fit the network that the model describes")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise damaged(str(place), "some weights are not finite", "Its training diverged; train it again.")


def check_header(path: Path) -> None:
    """Check that a file begins as safetensors do, without torch: nothing else is ever read as weights.

    Raises:
        InputError: if it does not.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if 2 <= length <= min(_LONGEST_HEADER, path.stat().st_size - 8) else b""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise damaged(str(path), "it holds no weights in the format safetensors", "Pickled weights are never read.")
