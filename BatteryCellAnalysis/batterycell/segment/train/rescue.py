"""What to do where a step fails: less memory, or a smaller learning rate."""

from __future__ import annotations

from batterycell.errors import InputError

from .session import Session

_LEAST_FACTOR = 1 / 64
_SIGNS = ("out of memory", "not enough memory", "allocate memory", "bad_alloc")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on whatever device."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and any(sign in text for sign in _SIGNS))


def use_less_memory(session: Session) -> None:
    """Halve the batch, or else the patch, and go on.

    Raises:
        InputError: if both are as small as they can be.
    """
    import torch

    patch, batch = int(session.settings.patch or 1), int(session.settings.batch or 1)
    multiple = session.learner.spec.multiple
    if batch > 1:
        batch = batch // 2
    elif patch >= 4 * multiple:
        patch = patch // 2 // multiple * multiple
    else:
        hint = "Choose a smaller network (width, depth), fewer frames, or another machine."
        raise InputError("memory", "The memory does not suffice for a single small patch.", hint)
    session.learner.optimizer.zero_grad()
    if session.learner.device.kind == "cuda":
        torch.cuda.empty_cache()
    session.resize(patch, batch)
    session.state.note(f"The memory did not suffice: went on with {batch} patches of {patch} pixels a step.")


def use_smaller_rate(session: Session) -> None:
    """Go back to the last checkpoint and halve the learning rate.

    Raises:
        InputError: if that was done too often.
    """
    session.state.rate_factor /= 2
    if session.state.rate_factor < _LEAST_FACTOR:
        hint = "Look for broken images among the frames, or choose a smaller learning rate."
        raise InputError("training-diverged", "The loss became no number again and again.", hint)
    session.go_back()
    session.state.note(f"The loss became no number: went back to step {session.state.step} at half the learning rate.")
