"""Archives of test collections: made once, and opened again as long as nothing that they were made from has changed."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import platformdirs
from rich.console import Console
from rich.progress import Progress

from eval.beir import Collection
from rag import Assistant, InputError, Settings

_PRODUCT = ("rag", "embeddings")
# What puts articles into an archive, and with what it imports all that this depends on.
_INGESTING = "rag.search.ingest"


def cached(collection: Collection, settings: Settings) -> Path:
    """Where, in the cache of the platform, the archive is that these settings and this code make of this corpus."""
    code = [hashlib.sha256(file.read_bytes()).hexdigest() for file in sources()]
    made = [settings.encoder, settings.passage_words, *code]
    key = hashlib.sha256(json.dumps(made).encode() + collection.corpus.content)
    return platformdirs.user_cache_path("nutgraf") / "eval" / key.hexdigest()[:16]


def sources() -> list[Path]:
    """The files of the product that what stands in an archive depends on: a change to how it is searched is none."""
    found: set[Path] = set()
    waiting = [_INGESTING]
    while waiting:
        file = _file(waiting.pop())
        if file and file not in found:
            found.add(file)
            waiting += _imports(file)
    return sorted(found)


def fill(assistant: Assistant, collection: Collection, console: Console) -> None:
    """Put the corpus into the archive, as far as it is not there; what cannot be read is named.

    An archive that was cut or encoded in another way is converted. Raises: InputError, where other articles are in the
    archive, before anything is changed; ArchiveError, ModelError.
    """
    _refuse_others(assistant, collection)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("ingesting", total=1.0)
        assistant.convert(lambda done: progress.update(task, completed=done.share))
        report = assistant.ingest([collection.corpus], lambda done: progress.update(task, completed=done.share))
    for one in report.rejected:
        console.print(f"{one.path} is not found by any query: {one.reason}", markup=False, highlight=False)


def _refuse_others(assistant: Assistant, collection: Collection) -> None:
    for article in assistant.articles():
        if article.origin not in collection.names:
            raise InputError(
                f"{assistant.settings.archive} holds {article.title!r}, which is not of this corpus",
                "an archive of other articles measures something else: name a new folder",
            )


def _file(module: str) -> Path | None:
    """The file of a module of the product, if it is one. `rag` itself only gathers what it offers to others."""
    package, _, inside = module.partition(".")
    if package not in _PRODUCT or module == "rag":
        return None
    spec = importlib.util.find_spec(package)
    home = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path(package)
    path = home.joinpath(*inside.split(".")) if inside else home
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
