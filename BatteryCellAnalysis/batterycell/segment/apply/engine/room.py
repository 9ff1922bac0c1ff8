"""How large a window may be for the memory there is."""

from __future__ import annotations

import sys

from batterycell.errors import InputError
from batterycell.segment.model.info import NetworkSpec

# Bytes a voxel of the finest level, in units of its features: what a U-Net with residual units holds at once.
_BYTES_A_FEATURE = 16
_CPU_BYTES = 1_500_000_000
# Of the free memory of a graphics card.
_CUDA_SHARE = 0.4
# Smaller windows see too little to judge.
_LEAST_EDGE = 32


def largest_edge(spec: NetworkSpec, device: str) -> int:
    """The largest edge of a window for which the network's intermediate images fit into memory."""
    voxels = _memory(device) / (_BYTES_A_FEATURE * spec.features[0])
    edge = voxels ** (1 / 3 if spec.dimension == "3d" else 1 / 2)
    return max(1, int(edge) // spec.multiple) * spec.multiple


def smaller_edge(edge: int, spec: NetworkSpec, error: Exception) -> int:
    """Half the edge of windows, where an error says that memory did not suffice; else the error."""
    from batterycell.segment.train.rescue import is_out_of_memory

    if not is_out_of_memory(error):
        raise error
    if edge // 2 < max(spec.multiple, _LEAST_EDGE):
        hint = "Close other programs, or choose another device with --device."
        raise InputError("memory", "The memory does not suffice to apply this model.", hint) from error
    _free_cards()
    return edge // 2


def _free_cards() -> None:
    """Give back what graphics cards keep for later; where onnxruntime computes, there is no torch, and none."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _memory(device: str) -> float:
    if not device.startswith("cuda"):
        return _CPU_BYTES
    import torch

    free, _ = torch.cuda.mem_get_info(torch.device(device))
    return float(free) * _CUDA_SHARE
