"""Which device computes, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from batterycell.errors import InputError, UsageError

Precision = Literal["float32", "bfloat16", "float16"]
_WISH = re.compile(r"auto|cpu|cuda(:\d+)?")
_GIB = 2**30


@dataclass(frozen=True)
class Device:
    """What computes.

    Args:
        name: As torch names it: "cpu", "cuda:0".
        why: For people: what it is, and why it was chosen.
        mixed_precision: Whether it is faster in 16 bits.
        half: The 16-bit type to compute in where that is wanted.
    """

    name: str
    why: str
    mixed_precision: bool
    half: Precision = "bfloat16"

    @property
    def kind(self) -> str:
        """Its kind: "cpu" or "cuda"."""
        return self.name.partition(":")[0]


def choose_device(wish: str = "auto") -> Device:
    """The device for a wish.

    Args:
        wish: "auto" (the graphics card with the most free memory, or else the CPU), "cpu", "cuda" or "cuda:N".

    Raises:
        UsageError: if the wish is none of these.
        InputError: if there is no such device here.
    """
    import torch

    if not _WISH.fullmatch(wish):
        raise UsageError("device-unknown", f"{wish!r} is no device.", "Say auto, cpu, cuda or cuda:N.")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wish == "cpu":
        return _cpu("it was asked for")
    if wish == "auto":
        return _cuda(_roomiest(count)) if count else _cpu("no CUDA GPU was found")
    number = int(wish.partition(":")[2] or _roomiest(count)) if count else 0
    if number >= count:
        message = f"{wish} is not here: {count or 'no'} CUDA GPU{'s were' if count != 1 else ' was'} found."
        raise InputError("device-absent", message, "Take auto or cpu, or see that driver and PyTorch fit the GPU.")
    return _cuda(number)


def _cpu(reason: str) -> Device:
    half = has_fast_bfloat16()
    speed = "16-bit arithmetic (bfloat16)" if half else "32-bit arithmetic"
    return Device("cpu", f"cpu: {reason}; {speed}", half)


def has_fast_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware (AVX-512 BF16 or AMX); without, 16 bits are slower than 32."""
    import torch

    try:
        abilities = torch.cpu.get_capabilities()
        return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))
    except (AttributeError, RuntimeError):  # before torch 2.12
        names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        return any(bool(getattr(torch.cpu, name)()) for name in names if hasattr(torch.cpu, name))


def _roomiest(count: int) -> int:
    import torch

    return max(range(count), key=lambda number: torch.cuda.mem_get_info(number)[0], default=0)


def _cuda(number: int) -> Device:
    import torch

    free, _ = torch.cuda.mem_get_info(number)
    with torch.cuda.device(number):
        half: Precision = "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    why = f"cuda:{number} {torch.cuda.get_device_name(number)}, {free / _GIB:.0f} GB free; 16-bit arithmetic ({half})"
    return Device(f"cuda:{number}", why, True, half)
