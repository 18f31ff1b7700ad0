"""DESIGN.md's house rules, read off the source: who imports whom, how large a file is, what is caught."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).parent.parent
HOUSE = ("embeddings", "rag", "eval", "ui", "training")
SHIPPED = HOUSE[:-1]
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 40

MAY_IMPORT = {
    "embeddings": set[str](),
    "rag": {"embeddings"},
    "eval": {"rag"},
    "ui": {"rag"},
    "training": {"embeddings", "rag"},
}
GIANTS = {
    "sentence_transformers": "embeddings/encoder.py",
    "faiss": "embeddings/index.py",
    "sqlite3": "rag/store/database.py",
    "tantivy": "rag/lexical.py",
    "llama_cpp": "rag/llm.py",
    "jinja2": "eval/page.py",
}
# The benchmark times the encoder alone, beside a plain loop in a process of its own, which nothing imports.
BENCH, APART = "eval/bench.py", "eval/plain.py"
# Inside rag, from the ground up. A module imports only from lower floors; on its own, only as `SAME_FLOOR` says.
FLOORS = (
    {"types", "reports", "facets", "suggestions", "errors", "catalogue"},
    {"settings", "models", "hub", "languages", "turns", "lock", "progress", "chats"},
    {"reading", "chunking", "copies", "sealing", "prompt", "changes", "contract", "restoring"},
    {"english"},
    {"terms"},
    {"store", "lexical", "llm", "understanding"},
    {"questions"},
    {"narrowing"},
    {"retrieval", "collapsing", "indexes", "loading", "offering"},
    {"answering", "leaving"},
    {"encoding", "suggesting"},
    {"ingesting", "converting", "exporting", "doctor", "finding", "removing"},
    {"importing", "switching", "opening"},
    {"assistant"},
    {"showing", "chatting", "sharing", "feedback"},
    {"__init__"},
    {"cli"},
    {"__main__"},
)
SAME_FLOOR = {
    ("models", "hub"),
    ("models", "progress"),
    ("hub", "progress"),
    ("retrieval", "questions"),
    ("retrieval", "collapsing"),
    ("changes", "chunking"),
}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Every import of a file, wherever it stands in it: the module, and the name taken from it or ''."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name_of(path)}: imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def packages(path: Path) -> set[str]:
    return {module.partition(".")[0] for module, _ in imports(path)}


def rag_module(module: str, name: str) -> str:
    """The module of rag that an import reaches: `rag.words`, or `words` out of `rag`."""
    below = module.removeprefix("rag").removeprefix(".").partition(".")[0]
    if below:
        return below
    beside = ROOT / "rag" / name
    return name if beside.with_suffix(".py").is_file() or beside.is_dir() else "__init__"


def floor_of(module: str) -> int:
    floors = [at for at, modules in enumerate(FLOORS) if module in modules]
    assert len(floors) == 1, f"rag/{module} stands on no floor of FLOORS, or on two: give it one"
    return floors[0]


RAG_MODULES = sorted({path.relative_to(ROOT / "rag").parts[0].removesuffix(".py") for path in sources("rag")})


def test_the_house_is_there() -> None:
    assert all(sources(folder) for folder in HOUSE)


@pytest.mark.parametrize("folder", HOUSE)
def test_a_package_imports_only_those_below_it(folder: str) -> None:
    for path in sources(folder):
        allowed = MAY_IMPORT[folder] | {folder} | ({"embeddings"} if name_of(path) == BENCH else set())
        assert packages(path) & {*HOUSE, "tests"} <= allowed, name_of(path)


def test_the_plain_loop_is_a_process_that_nothing_imports_and_that_imports_nothing_of_ours() -> None:
    for path in sources(*HOUSE, "tests"):
        reached = {module for module, _ in imports(path)} | {f"{module}.{name}" for module, name in imports(path)}
        assert "eval.plain" not in reached, name_of(path)
    assert not packages(ROOT / APART) & {*HOUSE, "tests"}


def test_nothing_imports_training() -> None:
    for path in sources(*SHIPPED, "tests"):
        if "training" in packages(path):
            assert name_of(path).startswith("tests/training/"), name_of(path)


@pytest.mark.parametrize("folder", ["eval", "ui"])
def test_the_faces_use_only_what_rag_exports(folder: str) -> None:
    for path in sources(folder):
        used = {(module, name) for module, name in imports(path) if module.partition(".")[0] == "rag"}
        assert used <= {("rag", name) for name in rag.__all__}, name_of(path)


@pytest.mark.parametrize(("giant", "home"), GIANTS.items())
def test_a_giant_is_imported_in_exactly_one_file(giant: str, home: str) -> None:
    importers = {name_of(path) for path in sources(*SHIPPED) if giant in packages(path)}

    assert importers - {APART} == {home}


def test_streamlit_is_imported_only_in_ui() -> None:
    importers = [name_of(path) for path in sources(*SHIPPED) if "streamlit" in packages(path)]

    assert importers
    assert all(name.startswith("ui/") for name in importers), importers


@pytest.mark.parametrize("module", RAG_MODULES)
def test_rag_stands_on_its_floors(module: str) -> None:
    own = ROOT / "rag" / module
    files = sorted(own.rglob("*.py")) if own.is_dir() else [own.with_suffix(".py")]
    reached = {rag_module(*found) for path in files for found in imports(path) if found[0].partition(".")[0] == "rag"}
    for other in reached - {module}:
        lower = floor_of(other) < floor_of(module)
        assert lower or (module, other) in SAME_FLOOR, (
            f"rag/{module} imports rag/{other}, which does not stand below it"
        )


@pytest.mark.parametrize("room", sorted(module for module in RAG_MODULES if (ROOT / "rag" / module).is_dir()))
def test_the_modules_of_a_room_do_not_import_each_other_in_circles(room: str) -> None:
    inside = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "rag" / room).rglob("*.py")
    }
    reached = {
        name: {module for found in imports(path) for module in {found[0], ".".join(found)}}
        for name, path in inside.items()
    }
    graph = {name: modules & set(inside) for name, modules in reached.items()}

    assert set(TopologicalSorter(graph).static_order()) == set(inside)


def test_no_floor_holds_what_is_gone() -> None:
    assert set().union(*FLOORS) == set(RAG_MODULES)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ({"types", "errors"}, {"settings", "models"}),
        ({"settings", "models"}, {"reading", "chunking", "prompt"}),
        ({"reading", "chunking", "prompt"}, {"store", "lexical", "llm"}),
        ({"store", "lexical", "llm"}, {"retrieval"}),
        ({"retrieval"}, {"answering"}),
        ({"answering"}, {"assistant"}),
        ({"assistant"}, {"cli"}),
    ],
    ids=str,
)
def test_the_floors_are_those_of_the_design(lower: set[str], upper: set[str]) -> None:
    assert max(map(floor_of, lower)) < min(map(floor_of, upper))


@pytest.mark.parametrize("path", sources(*HOUSE, "tests"), ids=name_of)
def test_a_file_is_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_FILE_LINES


@pytest.mark.parametrize("path", sources(*HOUSE, "tests"), ids=name_of)
def test_functions_are_small(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines < MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


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
    assert sum(count for name, count in caught.items() if name == "rag/cli/__init__.py") <= 1, caught
    assert all(name == "rag/cli/__init__.py" or name.startswith("ui/") for name in caught), caught


def test_what_rag_exports_is_sorted_and_named_once() -> None:
    def place(name: str) -> tuple[bool, bool, str]:
        """Constants, then types, then functions, as ruff sorts them."""
        return (not name.isupper(), not name[0].isupper(), name)

    assert list(rag.__all__) == sorted(set(rag.__all__), key=place)


def test_what_rag_exports_is_all_that_it_imports() -> None:
    imported = {name for module, name in imports(ROOT / "rag" / "__init__.py") if module.startswith("rag")}

    assert set(rag.__all__) == imported


@pytest.mark.parametrize("name", rag.__all__)
def test_an_exported_name_can_be_imported(name: str) -> None:
    assert getattr(importlib.import_module("rag"), name) is not None


def test_every_error_is_exported() -> None:
    errors = importlib.import_module("rag.errors")

    assert {name for name, value in vars(errors).items() if isinstance(value, type)} <= set(rag.__all__)


@pytest.mark.parametrize("path", sources(*SHIPPED), ids=name_of)
def test_settings_and_errors_are_never_passed_through_unnamed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.args.kwarg is None, f"{node.name} takes **{node.args.kwarg and node.args.kwarg.arg}"
