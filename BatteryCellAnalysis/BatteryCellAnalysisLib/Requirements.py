"""Python packages that only some actions need: asked for there, never at start-up."""

import importlib.metadata
import importlib.util
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError

import slicer
from batterycell.errors import BatteryCellError

from .I18n import _
from .Work.OwnPackages import packagesFolder

_FILE = Path(__file__).parent.parent / "Resources" / "BatteryCellAnalysis-requirements.txt"
_REQUESTER = "Battery Cell Analysis"
_KEPT = ("numpy", "scipy", "vtk")

TO_READ_TIFF = ("tifffile", "imagecodecs")
TO_READ_ZARR = ("zarr",)
TO_READ_PICTURES = ("pillow",)
TO_APPLY_MODELS = ("onnxruntime",)
TO_DRAW = ("matplotlib", "pillow")
TO_FIND_OBJECTS = ("connected-components-3d", "edt")
TO_READ_HDF5 = ("h5py",)
TO_EXPORT = ("matplotlib", "pillow", "jinja2")


def ensure(names: Iterable[str]) -> None:
    """Install the named packages into Slicer where they are missing, after asking.

    Raises:
        BatteryCellError: if the user declines or the installation fails.
    """
    wanted = [line for line in requirementLines() if _name(line) in names]
    if not _missing(wanted):
        return
    try:
        with _constraints() as constraints:
            _install(wanted, constraints)
    except (RuntimeError, OSError, CalledProcessError) as error:
        raise _notInstalled(wanted, str(error)) from error
    if _missing(wanted):
        raise _notInstalled(wanted, _("They were not installed."))


def isInstalled(name: str) -> bool:
    """Whether workers find a package."""
    return bool(_version(name))


def requirementLines() -> list[str]:
    """The requirements in the module's file, without comments."""
    lines = (line.split("#")[0].strip() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def _missing(requirements: list[str]) -> list[str]:
    return [requirement for requirement in requirements if not _version(_name(requirement))]


def _name(requirement: str) -> str:
    return requirement.split(">=")[0]


def _install(wanted: list[str], constraints: Path) -> None:
    if importlib.util.find_spec("slicer.packaging"):  # Slicer 5.12 and later
        from slicer import packaging

        packaging.pip_ensure(wanted, constraints=constraints, requester=_REQUESTER)
        return
    missing = _missing(wanted)
    question = _("These Python packages will be installed into Slicer: {names}. Continue?")
    if not slicer.util.confirmOkCancelDisplay(question.format(names=", ".join(missing)), _REQUESTER):
        raise RuntimeError(_("You declined."))
    slicer.util.pip_install(["-c", str(constraints), *missing])


@contextmanager
def _constraints() -> Iterator[Path]:
    """A pip constraints file that keeps what Slicer ships at its version."""
    installed = {name: _version(name) for name in _KEPT}
    with tempfile.TemporaryDirectory(prefix="batterycell-") as folder:
        path = Path(folder) / "constraints.txt"
        lines = [f"{name}=={version}\n" for name, version in installed.items() if version]
        path.write_text("".join(lines), encoding="utf-8")
        yield path


def _version(name: str) -> str:
    """The version that workers find: in the application, or in the folder of packages for networks."""
    places = [*sys.path, str(packagesFolder())]
    found = importlib.metadata.distributions(name=name, path=places)
    return next((one.version for one in found), "")


def _notInstalled(wanted: list[str], reason: str) -> BatteryCellError:
    message = _("Python packages are missing: {names}.").format(names=", ".join(_missing(wanted) or wanted))
    return BatteryCellError(
        "packages-missing", message, _("{reason} What needs no packages works without.").format(reason=reason)
    )
