"""The .ui files of the wizard against the code that uses them."""

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path

MODULE = Path(__file__).parents[3] / "BatterySegmentationWizard"
LIB = MODULE / "BatterySegmentationWizardLib"
UI_FILES = sorted((MODULE / "Resources" / "UI").glob("*.ui"))
SOURCES = [MODULE / "BatterySegmentationWizard.py", *sorted(LIB.rglob("*.py"))]
PRESSABLE = {
    "QPushButton",
    "QToolButton",
    "QSpinBox",
    "QDoubleSpinBox",
    "QCheckBox",
    "QComboBox",
    "QLineEdit",
    "qMRMLNodeComboBox",
    "ctkPathLineEdit",
}


def widgets() -> dict[str, ET.Element]:
    return {widget.attrib["name"]: widget for path in UI_FILES for widget in ET.parse(path).iter("widget")}


def bound() -> list[str]:
    properties = [one for path in UI_FILES for one in ET.parse(path).iter("property")]
    return [one.findtext("string") or "" for one in properties if one.get("name") == "SlicerParameterName"]


def test_no_two_widgets_share_a_name() -> None:
    names = [widget.attrib["name"] for path in UI_FILES for widget in ET.parse(path).iter("widget")]
    assert sorted(names) == sorted(widgets())


def test_every_widget_that_the_code_names_is_in_a_ui_file() -> None:
    named = {name for path in SOURCES for name in re.findall(r"\bui\.(\w+)", path.read_text(encoding="utf-8"))}
    assert named <= set(widgets())


def test_every_bound_parameter_exists_and_is_bound_to_one_widget() -> None:
    tree = ast.parse((LIB / "WizardParameters.py").read_text(encoding="utf-8"))
    fields = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    assert bound()
    assert set(bound()) <= fields
    # Slicer binds a parameter to the last widget that asks for it, and forgets the others.
    assert len(set(bound())) == len(bound())


def test_everything_that_can_be_pressed_or_typed_in_has_a_tooltip() -> None:
    for name, widget in widgets().items():
        tips = [one for one in widget.findall("property") if one.get("name") == "toolTip"]
        assert tips or widget.attrib["class"] not in PRESSABLE, name


def test_every_custom_widget_is_declared() -> None:
    for path in UI_FILES:
        declared = {widget.findtext("class") for widget in ET.parse(path).iter("customwidget")}
        used = {widget.attrib["class"] for widget in ET.parse(path).iter("widget")}
        assert {name for name in used if name.startswith(("ctk", "qMRML"))} == declared, path.name
