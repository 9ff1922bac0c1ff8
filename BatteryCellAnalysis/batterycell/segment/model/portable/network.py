"""A network that onnxruntime computes: no torch, no training."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

_THREADS = "OMP_NUM_THREADS"


class PortableNetwork:
    """A network read from ONNX, on the CPU.

    Args:
        data: Bytes of an ONNX file that `check_portable` found harmless.

    Raises:
        ValueError: if onnxruntime cannot run it.
    """

    def __init__(self, data: bytes) -> None:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        self.sha256 = hashlib.sha256(data).hexdigest()
        self._failures = (state.RuntimeException, state.Fail, state.InvalidArgument)
        try:
            self._session = onnxruntime.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])
        except (*self._failures, state.InvalidGraph, state.InvalidProtobuf) as error:
            raise ValueError(str(error)) from error

    def __call__(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of every class, (batch, classes, rows, columns), of (batch, inputs, rows, columns).

        Raises:
            RuntimeError: if it cannot be computed, as where memory does not suffice.
        """
        try:
            (scores,) = self._session.run(None, {self._session.get_inputs()[0].name: np.ascontiguousarray(batch)})
        except self._failures as error:
            raise RuntimeError(str(error)) from error
        return np.asarray(scores, np.float32)


def _options() -> Any:
    """Threads that sleep while they wait: others work on these cores too."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = int(os.environ.get(_THREADS, "0") or 0)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
