"""The CMake lists of the extension name every file of the tree, and nothing else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.parent for path in ROOT.glob("*/CMakeLists.txt") if path.parent.name != "Testing")
NOT_INSTALLED = {"CMakeLists.txt"}


def listed(cmake: Path, variable: str) -> list[str]:
    """The words of ``set(variable ...)``."""
    text = re.sub(r"#.*", "", cmake.read_text(encoding="utf-8"))
    found = re.search(rf"set\({variable}\s([^)]*)\)", text)
    assert found, f"{cmake} does not set {variable}"
    return found[1].replace("${MODULE_NAME}", cmake.parent.name).split()


def files_of(module: Path) -> set[str]:
    """Every file of a module's folder that belongs to it, relative to the folder."""
    files = (path.relative_to(module) for path in module.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if not _is_by_product(path) and path.name not in NOT_INSTALLED}


def _is_by_product(path: Path) -> bool:
    return any(part == "__pycache__" or part.endswith(".egg-info") or part.startswith(".") for part in path.parts)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_file_of_a_module_is_installed(module: Path) -> None:
    cmake = module / "CMakeLists.txt"
    scripts, resources = listed(cmake, "MODULE_PYTHON_SCRIPTS"), listed(cmake, "MODULE_PYTHON_RESOURCES")
    assert sorted(files_of(module)) == sorted(scripts + resources)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_scripts_are_python_and_resources_are_not(module: Path) -> None:
    cmake = module / "CMakeLists.txt"
    assert all(name.endswith(".py") for name in listed(cmake, "MODULE_PYTHON_SCRIPTS"))
    assert not any(name.endswith(".py") for name in listed(cmake, "MODULE_PYTHON_RESOURCES"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_modules_folder_holds_one_script_only(module: Path) -> None:
    # Slicer tries every .py directly in a module's folder as a module.
    assert [path.name for path in module.glob("*.py")] == [f"{module.name}.py"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_extension_builds_every_module(module: Path) -> None:
    assert f"add_subdirectory({module.name})" in (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")


def test_desktop_tests_in_cmake_are_those_in_the_tree() -> None:
    names = listed(ROOT / "Testing" / "CMakeLists.txt", "DESKTOP_TESTS")
    assert sorted(names) == sorted(path.stem for path in (ROOT / "Testing/Python/desktop").glob("test_*.py"))


def test_the_extension_describes_itself() -> None:
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    fields = dict(re.findall(r'set\((EXTENSION_\w+) "([^"]*)"\)', text))
    assert re.search(r"^project\(BatteryCell\b", text, re.MULTILINE)
    assert all(fields[f"EXTENSION_{name}"] for name in ("HOMEPAGE", "CONTRIBUTORS", "DESCRIPTION", "CATEGORY"))
    for field in ("EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"):
        assert all((ROOT / address.split("/main/")[1]).is_file() for address in fields[field].split())
