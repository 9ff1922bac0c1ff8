"""Python packages that only some actions need: asked for there, never at start-up."""

import importlib.metadata
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError

import slicer
from batterycell.errors import BatteryCellError

from .I18n import _

_FILE = Path(__file__).parent.parent / "Resources" / "BatteryCellAnalysis-requirements.txt"
_REQUESTER = "Battery Cell Analysis"
_KEPT = ("numpy", "scipy", "vtk")

TO_READ_TIFF = ("tifffile", "imagecodecs")
TO_READ_PICTURES = ("pillow",)
TO_EXPORT = ("matplotlib", "pillow", "jinja2")


def ensure(names: Iterable[str]) -> None:
    """Install the named packages into Slicer where they are missing, after asking.

    Raises:
        BatteryCellError: if the user declines or the installation fails.
    """
    requirements = [line for line in requirementLines() if line.split(">=")[0] in names]
    missing = [requirement for requirement in requirements if not _isInstalled(requirement)]
    if not missing:
        return
    try:
        with _constraints() as constraints:
            _install(missing, constraints)
    except (RuntimeError, OSError, CalledProcessError) as error:
        raise _notInstalled(missing, error) from error


def requirementLines() -> list[str]:
    """The requirements in the module's file, without comments."""
    lines = (line.split("#")[0].strip() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def _isInstalled(requirement: str) -> bool:
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        return importlib.metadata.version(wanted.name) in wanted.specifier
    except importlib.metadata.PackageNotFoundError:
        return False


def _install(missing: list[str], constraints: Path) -> None:
    if hasattr(slicer, "packaging"):
        slicer.packaging.pip_ensure(missing, constraints=constraints, requester=_REQUESTER)
        return
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
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _notInstalled(missing: list[str], error: Exception) -> BatteryCellError:
    message = _("Python packages are missing: {names}.").format(names=", ".join(missing))
    hint = _("{reason} Without them measuring still works.").format(reason=error)
    return BatteryCellError("packages-missing", message, hint)
