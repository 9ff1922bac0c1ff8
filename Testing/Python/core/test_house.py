"""The law of the house: rings, stages, light imports, sizes, units, lists of files."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from batterycell.cli import VERBS, main, make_parser
from batterycell.tables import Column

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "BatteryCellAnalysis"
WIZARD = ROOT / "BatterySegmentationWizard"
CORE = MODULE / "batterycell"
# Each stage imports only what stands before it, or on the same line. This is the road, from the image to the shell.
ORDER = (
    ("errors", "palette", "progress"),
    ("volume", "slabs", "tables", "measured", "recipe", "output", "interpolation", "file_names"),
    ("io",),
    ("orient",),
    ("clip",),
    ("reslice",),
    ("winding",),
    ("overhang", "can", "inclusions", "pouch"),
    ("tolerance",),
    ("annotate",),
    ("segment",),
    ("instances",),
    ("microstructure",),
    ("movie",),
    ("phantom", "result"),
    ("mrml",),
    ("pictures",),
    ("summary", "told", "provenance"),
    ("report",),
    ("export",),
    ("cluster",),
    (
        "cell_spread",
        "cylindrical",
        "end_sources",
        "pipeline",
        "lot",
        "segment_lot",
        "movies",
        "objects",
    ),
    ("worker",),
    ("cli",),
    ("pretrain",),
    ("__main__",),
)
# The loaders read Slicer's file formats through the one place that speaks MRML; nothing else looks ahead.
LOOKS_AHEAD = {("io", "mrml.files")}
RANK = {stage: rank for rank, stages in enumerate(ORDER) for stage in stages}
BANNED = ("qt", "ctk", "slicer.app", "slicer.mrmlScene", "slicer.modules", "slicer.util")
LATE = (
    "matplotlib",
    "vtk",
    "vtkmodules",
    "slicer",
    "torch",
    "monai",
    "safetensors",
    "onnx",
    "onnxruntime",
    "pandas",
    "skimage",
    "scipy.ndimage",
    "jinja2",
    "rich",
    "dask",
    "distributed",
    "PIL",
)
UNITS = {"_um": "µm", "_mm": "mm", "_deg": "deg"}
FORBIDDEN_PACKAGES = {"Lib", "Testing", "utils", "Output"}


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


@cache
def absolute_imports(path: Path) -> frozenset[str]:
    """Every module a file of the core imports, also inside functions, as an absolute dotted name."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = ["batterycell", *path.relative_to(CORE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def stage_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def later_imports(path: Path) -> list[str]:
    own = stage_of(path)
    names = {name.removeprefix("batterycell.") for name in absolute_imports(path) if name.startswith("batterycell.")}
    return sorted(
        name
        for name in names
        if RANK.get(name.split(".")[0], -1) > RANK[own]
        and not any(own == stage and f"{name}.".startswith(f"{ahead}.") for stage, ahead in LOOKS_AHEAD)
        and name not in {ahead.split(".")[0] for stage, ahead in LOOKS_AHEAD if stage == own}
    )


CORE_FILES = [path for path in python_files(CORE) if path != CORE / "__init__.py"]
ALL_FILES = [path for folder in (MODULE, WIZARD, ROOT / "Testing") for path in python_files(folder)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def offenders(paths: list[Path], wrong: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """What is wrong in each file where something is; one test for all of them, as there are more than a thousand."""
    return {name_of(path): found for path in paths if (found := wrong(path))}


def test_every_stage_has_its_place_on_the_road() -> None:
    assert {stage_of(path) for path in CORE_FILES} - RANK.keys() == set()


def test_no_stage_imports_a_later_one() -> None:
    assert offenders([path for path in CORE_FILES if stage_of(path) in RANK], later_imports) == {}


def banned_imports(path: Path) -> list[str]:
    return [name for name in absolute_imports(path) if any(f"{name}.".startswith(f"{ban}.") for ban in BANNED)]


def banned_words(path: Path) -> list[str]:
    return re.findall(r"\bslicer\.(?:app|mrmlScene|modules)\b", path.read_text(encoding="utf-8"))


def test_the_headless_ring_never_imports_the_application() -> None:
    assert offenders(CORE_FILES, banned_imports) == {}
    assert offenders(CORE_FILES, banned_words) == {}


def test_only_the_mrml_package_and_the_pictures_speak_to_the_runtime() -> None:
    speakers = {
        stage_of(path) for path in CORE_FILES for name in absolute_imports(path) if name.split(".")[0] == "slicer"
    }
    assert speakers <= {"mrml", "pictures"}


def loaded_by(code: str) -> list[str]:
    """Which of the heavy modules a line of code loads in a fresh process."""
    code = f"import sys\n{code}\nprint(*[name for name in {LATE!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("module", ["batterycell.cli", "batterycell"])
def test_importing_is_light(module: str) -> None:
    assert loaded_by(f"import {module}") == []


def test_the_words_of_the_command_line_load_nothing_heavy() -> None:
    assert loaded_by("from batterycell.cli import make_parser; make_parser()") == []


def test_no_file_is_longer_than_400_lines() -> None:
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL_FILES}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def all_columns() -> Iterator[Column]:
    """The columns of every table of the core: module constants that are tuples of columns."""
    for path in CORE_FILES:
        if "Column(" in path.read_text(encoding="utf-8"):
            module = import_module(
                ".".join(["batterycell", *path.relative_to(CORE).with_suffix("").parts]).removesuffix(".__init__")
            )
            for value in vars(module).values():
                if isinstance(value, tuple) and value and all(isinstance(item, Column) for item in value):
                    yield from value


def test_every_column_says_its_unit_in_its_name() -> None:
    columns = {(column.name, column.units) for column in all_columns()}
    assert columns
    for name, units in columns:
        stated = next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), None)
        assert units == stated if stated else units not in UNITS.values(), name


def test_every_column_is_described() -> None:
    assert [column.name for column in all_columns() if not (column.title and column.description.endswith("."))] == []


KINDS = {"phantom": ("cell", "microstructure", "movie"), "movie": ("prepare", "chemistry", "kinetics", "invert")}
VERB_WORDS = [[], *([verb] for verb in VERBS), *([verb, kind] for verb, kinds in KINDS.items() for kind in kinds)]


def examples(text: str) -> list[str]:
    """Every line of a help text that starts with the command."""
    return [line.strip() for line in text.splitlines() if line.startswith("  batterycell ")]


@pytest.mark.parametrize("words", VERB_WORDS, ids=lambda words: " ".join(words) or "batterycell")
def test_every_help_shows_an_example_that_parses(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help"]) == 0
    lines = examples(capsys.readouterr().out)
    assert lines, "no example"
    for line in lines:
        assert line.split()[1:][: len(words)] == words
        make_parser().parse_args(shlex.split(line)[1:])


def test_the_program_starts_as_a_module() -> None:
    command = [sys.executable, "-m", "batterycell", "--help"]
    assert examples(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_no_installed_name_can_meet_another_extension() -> None:
    installed = {path.name for module in (MODULE, WIZARD) for path in module.glob("*")}
    assert installed & FORBIDDEN_PACKAGES == set()
