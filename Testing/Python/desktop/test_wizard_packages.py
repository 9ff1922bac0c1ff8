"""Networks' packages: what is missing is said, installed on request, beside what Slicer ships."""

import importlib.metadata
import os
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

from batterycell.worker.packages import PACKAGES
from harness import picture, plain, run_tests, wait_until
from wizarding import go_to, open_wizard

# A folder where nothing is yet.
os.environ[PACKAGES] = str(Path(tempfile.mkdtemp()) / "packages")

_TORCH = """
class cuda:
    is_available = staticmethod(lambda: False)
class cpu:
    get_capabilities = staticmethod(dict)
"""


def make_wheel(folder: Path, name: str, version: str, code: str = "") -> None:
    """A wheel with one module."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", code)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def install(widget, wheels: Path) -> None:
    section = widget.wizard.packages
    section.install(str(wheels))
    wait_until(lambda: not section.job.isRunning, 240)


def test_what_is_missing_is_said_where_it_is_needed():
    widget = open_wizard("Classes")
    ui = widget.ui
    assert not ui.BatteryWizardPackages.visible
    go_to(widget, "Train")
    assert ui.packagesFrame.visible
    assert "torch" in ui.packagesLabel.text
    assert "0.3 GB" in ui.packagesLabel.text
    assert "Install the packages" in ui.trainButton.toolTip, ui.trainButton.toolTip
    go_to(widget, "Apply")
    assert ui.packagesFrame.visible
    assert not ui.applyPreviewButton.enabled
    picture("wizard_packages")


def test_a_folder_without_wheels_is_refused_and_nothing_changes():
    widget = open_wizard("Apply")
    install(widget, Path(tempfile.mkdtemp()))
    assert "holds no wheels" in plain(widget.ui.packagesMessage), plain(widget.ui.packagesMessage)
    assert widget.ui.packagesFrame.visible
    assert not Path(os.environ[PACKAGES]).exists()


def test_wheels_go_into_the_folder_and_the_device_is_told():
    before = sorted((one.metadata["Name"] or "", one.version) for one in importlib.metadata.distributions())
    wheels = Path(tempfile.mkdtemp())
    make_wheel(wheels, "torch", "2.6.0", _TORCH)
    make_wheel(wheels, "monai", "1.4.0")
    make_wheel(wheels, "safetensors", "0.4.0")
    widget = open_wizard("Train")
    ui = widget.ui
    install(widget, wheels)
    assert not ui.packagesFrame.visible, plain(ui.packagesMessage)
    wait_until(lambda: "no CUDA GPU was found" in ui.deviceLabel.text, 60)
    assert "Install" not in ui.trainButton.toolTip, ui.trainButton.toolTip
    assert (Path(os.environ[PACKAGES]) / "torch.py").is_file()
    after = sorted((one.metadata["Name"] or "", one.version) for one in importlib.metadata.distributions())
    assert before == after
    assert "torch" not in sys.modules
    picture("wizard_packages_installed")


run_tests(dict(globals()))
