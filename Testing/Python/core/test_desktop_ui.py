"""The .ui files of the module against the code that uses them."""

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path

MODULE = Path(__file__).parents[3] / "BatteryCellAnalysis"
LIB = MODULE / "BatteryCellAnalysisLib"
UI_FILES = sorted((MODULE / "Resources" / "UI").glob("*.ui"))


def widgets() -> dict[str, ET.Element]:
    return {widget.attrib["name"]: widget for path in UI_FILES for widget in ET.parse(path).iter("widget")}


def test_no_two_widgets_share_a_name() -> None:
    names = [widget.attrib["name"] for path in UI_FILES for widget in ET.parse(path).iter("widget")]
    assert sorted(names) == sorted(widgets())


def test_every_section_has_its_ui_file() -> None:
    source = (LIB / "Panel.py").read_text(encoding="utf-8")
    sections = ast.literal_eval(re.search(r"^SECTIONS = (\(.*?\))$", source, re.MULTILINE | re.DOTALL)[1])  # type: ignore[index]
    assert {f"BatteryCell{name}" for name in ("Analysis", *sections)} == {path.stem for path in UI_FILES}


def test_every_widget_that_the_code_names_is_in_the_ui_file() -> None:
    sources = [MODULE / "BatteryCellAnalysis.py", *LIB.rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"\bui\.(\w+)", path.read_text(encoding="utf-8"))}
    assert named - {"findChildren"} <= set(widgets())


def test_every_bound_parameter_exists() -> None:
    tree = ast.parse((LIB / "Parameters.py").read_text(encoding="utf-8"))
    fields = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    properties = [p for path in UI_FILES for p in ET.parse(path).iter("property")]
    bound = [p.findtext("string") for p in properties if p.get("name") == "SlicerParameterName"]
    assert bound
    assert set(bound) <= fields


def test_everything_that_can_be_pressed_has_a_tooltip() -> None:
    pressable = {"QPushButton", "QSpinBox", "QDoubleSpinBox", "QCheckBox", "QComboBox", "qMRMLNodeComboBox"}
    for name, widget in widgets().items():
        tips = [p for p in widget.findall("property") if p.get("name") == "toolTip"]
        assert tips or widget.attrib["class"] not in pressable, name


def test_every_custom_widget_is_declared() -> None:
    for path in UI_FILES:
        declared = {widget.findtext("class") for widget in ET.parse(path).iter("customwidget")}
        used = {widget.attrib["class"] for widget in ET.parse(path).iter("widget")}
        assert {name for name in used if name.startswith(("ctk", "qMRML"))} == declared, path.name
