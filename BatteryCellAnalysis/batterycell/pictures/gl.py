"""Whether this machine can draw Slicer's views without a screen."""

from __future__ import annotations

import functools
import subprocess
import sys

_TIMEOUT_S = 60
_PROBE = """
import sys
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.AddRenderer(vtkRenderer())
window.Render()
sys.exit(0 if window.SupportsOpenGL() else 1)
"""


@functools.cache
def missing_gl() -> str | None:
    """Why views cannot be drawn off screen, as one sentence; None where they can.

    Asked in a process of its own: without a GL library the drawing toolkit may end the process. The answer is kept.
    """
    try:
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"OpenGL did not answer within {_TIMEOUT_S} s."
    except OSError as error:
        return f"OpenGL cannot be tried: {error}."
    return None if probe.returncode == 0 else "No OpenGL library draws off screen here (Debian, Ubuntu: libegl1)."
