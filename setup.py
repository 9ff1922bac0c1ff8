"""Models that ship lie with the wizard that shows them; a wheel takes them along, inside the package."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

MODELS = Path("BatterySegmentationWizard") / "Resources" / "Models"


class BuildWithModels(build_py):
    """Builds the package with the models in it; an editable one finds them in the sources."""

    def run(self) -> None:
        """Build, then copy the models."""
        super().run()
        if MODELS.is_dir() and not self.editable_mode:
            out = Path(self.build_lib) / "batterycell" / "Resources" / "Models"
            shutil.copytree(MODELS, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithModels})
