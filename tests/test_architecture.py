"""DESIGN.md's house rules, read off the source: who imports whom, how large a file is, what is caught."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).parent.parent
SHIPPED = ("embeddings", "rag", "eval", "ui")
HOUSE = (*SHIPPED, "training")
MAX_FILE_LINES, MAX_FUNCTION_LINES = 500, 50

MAY_IMPORT = {
    "embeddings": set[str](),
    "rag": {"embeddings"},
    "eval": {"rag"},
    "ui": {"rag"},
    "training": {"embeddings", "rag"},
}
# Each of them takes seconds to import or is large enough to be replaced one day.
GIANTS = {
    "sentence_transformers": "embeddings/encoder.py",
    "faiss": "embeddings/index.py",
    "sqlite3": "rag/archive/database.py",
    "tantivy": "rag/search/lexical.py",
    "llama_cpp": "rag/models/reader.py",
    "jinja2": "eval/page.py",
}
# What the benchmark compares with: a process of its own, which nothing imports.
PLAIN_LOOP = "eval/plain.py"
# The rooms of rag, from the ground up. A room imports from those before it; rooms of one row do not import each other.
ROOMS = (
    {"errors", "marks", "startup"},
    {"types"},
    {"surveys", "private_files", "progress", "turns"},
    {"settings"},
    {"models", "reading"},
    {"contract", "stored"},
    {"archive"},
    {"search"},
    {"answer"},
    {"doctor", "privacy", "share", "spreadsheet"},
    {"assistant"},
    {"__init__"},
    {"cli"},
    {"__main__"},
)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Every import of a file, wherever it stands: the module, and the name taken from it or ''."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name_of(path)}: imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def packages(path: Path) -> set[str]:
    return {module.partition(".")[0] for module, _ in imports(path)}


def room_of(module: str, name: str) -> str:
    """The room of rag that an import reaches: `rag.archive.lock`, or `archive` out of `rag`."""
    below = module.removeprefix("rag").removeprefix(".").partition(".")[0]
    if below:
        return below
    beside = ROOT / "rag" / name
    return name if beside.with_suffix(".py").is_file() or beside.is_dir() else "__init__"


def row_of(room: str) -> int:
    rows = [at for at, rooms in enumerate(ROOMS) if room in rooms]
    assert len(rows) == 1, f"rag/{room} stands in no row of ROOMS, or in two: give it one"
    return rows[0]


RAG_ROOMS = sorted({path.relative_to(ROOT / "rag").parts[0].removesuffix(".py") for path in sources("rag")})


@pytest.mark.parametrize("folder", HOUSE)
def test_a_package_imports_only_those_below_it(folder: str) -> None:
    assert sources(folder)
    for path in sources(folder):
        assert packages(path) & {*HOUSE, "tests"} <= MAY_IMPORT[folder] | {folder}, name_of(path)


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in sources(*HOUSE, "tests")}

    assert [name_of(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("folder", ["eval", "ui"])
def test_eval_and_ui_use_only_what_rag_exports(folder: str) -> None:
    for path in sources(folder):
        used = {(module, name) for module, name in imports(path) if module.partition(".")[0] == "rag"}
        assert used <= {("rag", name) for name in rag.__all__}, name_of(path)


@pytest.mark.parametrize(("giant", "home"), GIANTS.items())
def test_a_giant_is_imported_in_one_file(giant: str, home: str) -> None:
    assert {name_of(path) for path in sources(*SHIPPED) if giant in packages(path)} - {PLAIN_LOOP} == {home}


def test_streamlit_is_imported_only_in_ui() -> None:
    importers = [name_of(path) for path in sources(*SHIPPED) if "streamlit" in packages(path)]

    assert importers
    assert all(name.startswith("ui/") for name in importers), importers


@pytest.mark.parametrize("room", RAG_ROOMS)
def test_a_room_imports_only_from_those_before_it(room: str) -> None:
    own = ROOT / "rag" / room
    files = sorted(own.rglob("*.py")) if own.is_dir() else [own.with_suffix(".py")]
    reached = {room_of(*found) for path in files for found in imports(path) if found[0].partition(".")[0] == "rag"}
    for other in reached - {room}:
        assert row_of(other) < row_of(room), f"rag/{room} imports rag/{other}, which does not stand before it"


@pytest.mark.parametrize("room", [room for room in RAG_ROOMS if (ROOT / "rag" / room).is_dir()])
def test_the_files_of_a_room_do_not_import_each_other_in_circles(room: str) -> None:
    inside = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "rag" / room).rglob("*.py")
    }
    reached = {
        name: {module for found in imports(path) for module in {found[0], ".".join(found)}}
        for name, path in inside.items()
    }
    graph = {name: modules & set(inside) for name, modules in reached.items()}

    assert set(TopologicalSorter(graph).static_order()) == set(inside)


def test_no_row_has_a_room_that_is_gone() -> None:
    assert set().union(*ROOMS) == set(RAG_ROOMS)


def test_no_two_files_of_rag_share_a_name() -> None:
    names = Counter(path.name for path in sources("rag") if path.name not in ("__init__.py", "__main__.py"))

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("path", sources(*HOUSE, "tests"), ids=name_of)
def test_files_and_functions_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"
            assert node.args.kwarg is None or "tests" in path.parts, f"{node.name} takes **kwargs"


def catches_everything(path: Path) -> int:
    """How many handlers of a file catch everything, however they are written."""
    handlers = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ExceptHandler)
    ]
    return sum(
        handler.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(handler.type)) is not None
        for handler in handlers
    )


def test_everything_is_caught_at_most_once_in_the_command_line_and_once_in_the_chat() -> None:
    caught = {name_of(path): catches_everything(path) for path in sources(*SHIPPED) if catches_everything(path)}

    assert sum(count for name, count in caught.items() if name.startswith("ui/")) <= 1, caught
    assert caught.get("rag/cli/__init__.py", 0) <= 1, caught
    assert all(name == "rag/cli/__init__.py" or name.startswith("ui/") for name in caught), caught


def test_what_rag_exports_is_sorted_named_once_and_all_that_it_imports() -> None:
    def place(name: str) -> tuple[bool, bool, str]:
        """Constants, then types, then functions, as ruff sorts them."""
        return (not name.isupper(), not name[0].isupper(), name)

    tree = ast.parse((ROOT / "rag" / "__init__.py").read_text(encoding="utf-8"))
    froms = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rag")
    ]
    imported = {alias.asname or alias.name for node in froms for alias in node.names}

    assert list(rag.__all__) == sorted(imported, key=place)
    assert all(getattr(rag, name) is not None for name in rag.__all__)


def test_every_error_is_exported() -> None:
    errors = importlib.import_module("rag.errors")

    assert {name for name, value in vars(errors).items() if isinstance(value, type)} <= set(rag.__all__)
