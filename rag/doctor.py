"""`nutgraf doctor`: check an archive and the configured models."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np

from embeddings import cross_encoder
from rag.archive import ArchiveLock, Store
from rag.archive.database import DATABASE, LEXICAL, RESTORE, VECTORS, prepare_folder
from rag.errors import NutgrafError
from rag.models import weights
from rag.models.loaded import NO_READER, find_base, find_judge
from rag.reading.draft import is_intact
from rag.search import embed
from rag.search.indexes import Indexes
from rag.settings import CONFIG_NAME, Settings

_LOW_DISK_BYTES = 1_000_000_000
_GROUP, _EVERYBODY = 0o070, 0o007
_OURS = (DATABASE, VECTORS, LEXICAL, "write.lock", CONFIG_NAME, "reports")
State = Literal["good", "self-repairing", "needs attention"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `detail` says what is the case and, if it needs attention, what to do."""

    name: str
    state: State
    detail: str


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Yield the result of each check. Nothing is repaired, except what opening the database repairs."""
    yield from _check_folder(settings.archive)
    yield _check_access(settings)
    try:
        store = Store(prepare_folder(settings.archive))
    except NutgrafError as error:
        yield Finding("database", "needs attention", str(error))
        return
    with closing(store):
        try:
            yield from _check_content(store)
            yield from _check_indexes(settings, store)
            yield from _check_made_by(settings, store)
        except NutgrafError as error:
            yield Finding("database", "needs attention", str(error))
    yield _check_model("encoder", lambda: str(weights.find(settings.encoder, "encoder").path))
    yield _check_model("judge", lambda: _judge_files(settings.judge))
    yield _check_model("reader", lambda: _reader_files(settings.reader))


def count_misplaced_passages(store: Store) -> int:
    """Count the passages outside their text, or with a vector of the wrong size."""
    query = (
        "SELECT count(*) FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.start < 0 "
        'OR p."end" < p.start OR p."end" > length(a.text) '
        "OR length(p.vector) <> 2 * (SELECT value FROM settings WHERE name = 'dimension')"
    )
    return int(store.database.rows(query)[0][0])


def count_broken_vectors(store: Store) -> int:
    """Count the vectors that are not finite or not of length 1; all must have the same size."""
    _, vectors = store.vectors()
    norms = np.linalg.norm(vectors, axis=1) if len(vectors) else np.zeros(0)
    with np.errstate(invalid="ignore"):
        return int((~(np.abs(norms - 1.0) < 0.01)).sum())


def unsearchable_articles(store: Store) -> tuple[str, ...]:
    """Return the ids of articles that have words but no passage, ascending."""
    query = (
        "SELECT id, text FROM articles a WHERE NOT EXISTS (SELECT 1 FROM passages WHERE article_id = a.id) ORDER BY id"
    )
    return tuple(article_id for article_id, text in store.database.rows(query) if text.strip())


def count_staged_articles(store: Store) -> int:
    """Count the articles that an interrupted conversion has staged."""
    return int(store.database.rows("SELECT count(DISTINCT article_id) FROM staged")[0][0])


def _finding(name: str, problem: str, good: str) -> Finding:
    return Finding(name, "needs attention", problem) if problem else Finding(name, "good", good)


def _check_folder(folder: Path) -> Iterator[Finding]:
    writable = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    yield _finding("folder", "" if writable else f"{folder} is not writable: check its permissions", str(folder))
    free = shutil.disk_usage(folder).free
    space = f"{free / 1e9:.1f} GB free"
    yield _finding("disk", f"{space}: free some disk space" if free < _LOW_DISK_BYTES else "", space)


def _check_access(settings: Settings) -> Finding:
    """Find what other users can open. An archive made by an older version is open; one may be shared on purpose."""
    folders = dict.fromkeys((settings.archive, settings.home))
    for who, bits in (("every user of this machine", _EVERYBODY), ("their group", _GROUP)):
        loose = [str(folder) for folder in folders if _is_open(folder, bits)]
        if loose and not _has_modes(settings.archive):
            return Finding("access", "good", "for all who can open the disk: its file system has no permissions")
        if loose:
            state: State = "needs attention" if bits == _EVERYBODY else "good"
            return Finding("access", state, f"files are open to {who}: chmod go= {shlex.join(loose)}")
    return Finding("access", "good", "for you alone")


def _is_open(folder: Path, bits: int) -> bool:
    """Whether `bits` open both the folder and something of ours in it."""
    ours = (file for name in _OURS for file in folder.glob(f"{name}*"))
    return bool(_mode(folder) & bits) and any(_mode(file) & bits for file in ours)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _has_modes(folder: Path) -> bool:
    """Whether the file system keeps the permissions of a file; FAT does not, nor does Windows."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return not os.fstat(file.fileno()).st_mode & (_GROUP | _EVERYBODY)
    except OSError:
        return True


def _check_content(store: Store) -> Iterator[Finding]:
    articles, passages = store.count()
    damage = "; ".join(store.database.damage()[:3])
    good = f"{articles} articles in {passages} passages, integrity checked"
    yield _finding("database", damage and f"{damage}: {RESTORE}", good)
    if damage:
        return
    problem = ""
    # Vectors of different sizes cannot be loaded, so the sizes are checked first.
    if wrong := count_misplaced_passages(store) or count_broken_vectors(store):
        problem = f"{wrong} passages do not match their text or have a damaged vector: nutgraf convert --again"
    elif unsearchable := unsearchable_articles(store):
        problem = f"{len(unsearchable)} articles have none ({', '.join(unsearchable[:3])}): nutgraf convert --again"
    yield _finding("passages", problem, "all match their texts")
    altered = [item.id for item in chain(store.each_article(), store.all_versions()) if not is_intact(item)]
    problem = f"{len(altered)} articles are not what was read ({', '.join(altered[:3])}): remove and re-ingest them"
    yield _finding("articles", problem if altered else "", "all as they were read")
    if staged := count_staged_articles(store):
        detail = f"a conversion was interrupted after {staged} of {articles} articles: nutgraf convert resumes it"
        yield Finding("conversion", "needs attention", detail)


def _check_indexes(settings: Settings, store: Store) -> Iterator[Finding]:
    lock = ArchiveLock(settings.archive)
    with lock.try_hold("checking the archive") as free:
        yield Finding("lock", "good", "no writer" if free else f"being written by {lock.holder()}")
        reasons = Indexes(settings.archive, store, lock).unusable() if free else {}
    for name in ("vector index", "full-text index"):
        if reason := reasons.get(name):
            yield Finding(name, "self-repairing", f"rebuilt when next needed ({reason})")
        else:
            yield Finding(name, "good", "in step with the database" if free else "not checked during a write")


def _check_made_by(settings: Settings, store: Store) -> Iterator[Finding]:
    if not store.count_articles():
        return
    current = {
        "encoder": weights.find(settings.encoder, "encoder").fingerprint,
        "chunking": embed.scheme(settings.passage_words),
    }
    for name, value in current.items():
        stored = store.setting(name)
        problem = f"the archive was made with {stored}, the current one is {value}: nutgraf convert, or change it back"
        yield _finding(f"made by {name}", "" if stored == value else problem, value)


def _check_model(role: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(role, "good", find())
    except NutgrafError as error:
        return Finding(role, "needs attention", str(error))


def _judge_files(name: str) -> str:
    own, cross = find_judge(name)
    find_base(own)
    if cross is None:
        return str(own.path)
    return f"{cross.path} for the opinion {cross_encoder.opinion_of(cross.path)}, {own.path} for the rest"


def _reader_files(name: str) -> str:
    return "none: answers are quotes" if name == NO_READER else str(weights.find(name, "reader").path)
