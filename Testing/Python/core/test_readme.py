"""The README says what the program does today."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from batterycell.cli import VERBS, make_parser
from batterycell.errors import BatteryCellError
from batterycell.overhang import FLAGS, OVERHANG_COLUMNS

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
LARGEST_PICTURE = 600_000
CORE = ROOT / "BatteryCellAnalysis" / "batterycell"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks("sh")).splitlines()
    return [line[line.index("batterycell ") :] for line in lines if re.match(r"(\S*/)?batterycell ", line)]


@pytest.mark.parametrize("line", commands())
def test_every_command_of_the_readme_parses(line: str) -> None:
    make_parser().parse_args(shlex.split(line)[1:])


def test_a_command_that_does_not_exist_would_be_seen() -> None:
    with pytest.raises(BatteryCellError):
        make_parser().parse_args(["analyse", "cell"])


def test_the_python_of_the_readme_imports_what_exists() -> None:
    (code,) = blocks("python")
    imports = [line for line in code.splitlines() if line.startswith(("import", "from"))]
    names: dict[str, object] = {}
    exec("\n".join(imports), names)
    for module, name in re.findall(r"\b(io|orient|overhang)\.(\w+)\(", code):
        assert hasattr(names[module], name)


@pytest.mark.parametrize("name", [*VERBS, *(column.name for column in OVERHANG_COLUMNS), *FLAGS])
def test_the_readme_names_every_verb_column_and_flag(name: str) -> None:
    assert re.search(rf"`{name}\b", README)


@pytest.mark.parametrize("flag", FLAGS)
def test_the_readme_explains_a_flag_as_the_program_does(flag: str) -> None:
    assert f"| `{flag}` | {FLAGS[flag]}" in README


def test_every_stage_stands_in_the_readme() -> None:
    stages = {path.name for path in CORE.iterdir() if path.is_dir() and (path / "__init__.py").is_file()}
    assert {stage for stage in stages if f"`{stage}/`" not in README} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_link_within_the_readme_leads_to_a_heading() -> None:
    headings = {
        re.sub(r"[^\w -]", "", text).lower().replace(" ", "-")
        for text in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) - headings == set()


@pytest.mark.parametrize("picture", sorted((ROOT / "Resources" / "Screenshots").glob("*")), ids=lambda path: path.name)
def test_pictures_stay_small(picture: Path) -> None:
    assert picture.stat().st_size <= LARGEST_PICTURE
