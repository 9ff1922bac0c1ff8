"""The packages that networks need: which are missing, and how pip is asked for them."""

from pathlib import Path

from batterycell.errors import BatteryCellError
from batterycell.segment.model.bundle import is_portable
from batterycell.segment.needs import missing_packages, missing_to_apply
from BatteryCellAnalysisLib.Work.OwnPackages import packagesFolder

_REQUIREMENTS = Path(__file__).parents[1] / "Resources" / "BatterySegmentationWizard-requirements.txt"


def missingToTrain() -> list[str]:
    """The packages without which nothing can be trained."""
    return missing_packages(packagesFolder())


def missingToApply(model: str) -> list[str]:
    """The packages without which a model cannot be applied; those for any model where it is none."""
    return missing_to_apply(_isPortable(model), packagesFolder())


def requirementLines(names: list[str]) -> list[str]:
    """What the packages are to pip, each in the lowest version that will do."""
    lines = (line.split("#")[0].strip() for line in _REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line.split(">=")[0] in names]


def _isPortable(model: str) -> bool:
    try:
        return bool(model) and is_portable(Path(model))
    except (BatteryCellError, OSError):
        return False
