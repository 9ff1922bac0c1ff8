"""The .ui files of both modules against the code that uses them."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRESSABLE = {"QPushButton", "QToolButton", "QSpinBox", "QDoubleSpinBox", "QCheckBox", "QComboBox", "qMRMLNodeComboBox"}


@dataclass(frozen=True)
class Module:
    """A module: its name, and where its parameters and the names of its parts stand."""

    name: str
    parameters: str
    parts: tuple[str, str]
    prefix: str
    others: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return ROOT / self.name

    @property
    def lib(self) -> Path:
        return self.folder / f"{self.name}Lib"

    @property
    def ui_files(self) -> list[Path]:
        return sorted((self.folder / "Resources" / "UI").glob("*.ui"))

    def widgets(self) -> Iterator[ET.Element]:
        return (widget for path in self.ui_files for widget in ET.parse(path).iter("widget"))


MODULES = (
    Module("BatteryCellAnalysis", "Parameters.py", ("Panel.py", "SECTIONS"), "BatteryCell", ("Analysis",)),
    Module(
        "BatterySegmentationWizard",
        "WizardParameters.py",
        ("Steps.py", "STEPS"),
        "BatteryWizard",
        ("", "Notice", "Packages", "Paint"),
    ),
)
both = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


@both
def test_no_two_widgets_share_a_name(module: Module) -> None:
    names = [widget.attrib["name"] for widget in module.widgets()]
    assert sorted(names) == sorted(set(names))


@both
def test_every_part_has_its_ui_file(module: Module) -> None:
    file, variable = module.parts
    source = (module.lib / file).read_text(encoding="utf-8")
    found = re.search(rf"^{variable} = (\(.*?\))$", source, re.MULTILINE | re.DOTALL)
    assert found
    names = (*module.others, *ast.literal_eval(found[1]))
    assert {f"{module.prefix}{name}" for name in names} == {path.stem for path in module.ui_files}


@both
def test_every_widget_that_the_code_names_is_in_the_ui_file(module: Module) -> None:
    sources = [module.folder / f"{module.name}.py", *module.lib.rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"\bui\.(\w+)", path.read_text(encoding="utf-8"))}
    assert named - {"findChildren"} <= {widget.attrib["name"] for widget in module.widgets()}


@both
def test_every_bound_parameter_exists(module: Module) -> None:
    tree = ast.parse((module.lib / module.parameters).read_text(encoding="utf-8"))
    fields = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    properties = [p for path in module.ui_files for p in ET.parse(path).iter("property")]
    bound = [p.findtext("string") for p in properties if p.get("name") == "SlicerParameterName"]
    assert bound
    assert set(bound) <= fields


@both
def test_everything_that_can_be_pressed_has_a_tooltip(module: Module) -> None:
    for widget in module.widgets():
        tips = [p for p in widget.findall("property") if p.get("name") == "toolTip"]
        assert tips or widget.attrib["class"] not in PRESSABLE, widget.attrib["name"]


@both
def test_every_custom_widget_is_declared(module: Module) -> None:
    for path in module.ui_files:
        declared = {widget.findtext("class") for widget in ET.parse(path).iter("customwidget")}
        used = {widget.attrib["class"] for widget in ET.parse(path).iter("widget")}
        assert {name for name in used if name.startswith(("ctk", "qMRML"))} == declared, path.name


def test_modules_ship_no_resource_of_the_same_path() -> None:
    """All modules of an application are installed into one folder."""
    shipped = [
        {path.relative_to(module.folder) for path in module.folder.glob("Resources/**/*") if path.is_file()}
        for module in MODULES
    ]
    assert not set.intersection(*shipped)
