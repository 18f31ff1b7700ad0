"""`nutgraf doctor`: check an archive and the configured models."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from embeddings import cross_encoder
from rag.archive import ArchiveLock, Chats, Store
from rag.archive.database import DATABASE, LEXICAL, RESTORE, VECTORS, prepare_folder
from rag.errors import ArchiveCorrupt, ChatUnknown, NutgrafError
from rag.models import weights
from rag.models.loaded import NO_READER, choose_judge, find_base, find_judge
from rag.progress import Done, Progress, ignore
from rag.reading.draft import is_intact
from rag.search import chunking, embed
from rag.search.indexes import Indexes
from rag.settings import CONFIG_NAME, Settings
from rag.turns import Chat
from rag.types import Article, Span

_LOW_DISK_BYTES = 1_000_000_000
_GROUP, _EVERYBODY = 0o070, 0o007
_OURS = (DATABASE, VECTORS, LEXICAL, "write.lock", CONFIG_NAME, "reports")
State = Literal["good", "self-repairing", "needs attention"]
_Thing = TypeVar("_Thing", Article, Chat)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `detail` says what is the case and, if it needs attention, what to do."""

    name: str
    state: State
    detail: str


def diagnose(settings: Settings, progress: Progress = ignore) -> Iterator[Finding]:
    """Yield the result of each check. Nothing is repaired, except what opening the database repairs.

    `progress` counts the articles and chats that were compared.
    """
    yield from _check_folder(settings.archive)
    yield _check_access(settings)
    try:
        store = Store(prepare_folder(settings.archive))
    except NutgrafError as error:
        yield Finding("database", "needs attention", str(error))
        return
    with closing(store):
        try:
            yield from _check_content(store, progress)
            yield from _check_indexes(settings, store)
            yield from _check_made_by(settings, store)
        except NutgrafError as error:
            yield Finding("database", "needs attention", str(error))
    yield _check_model("encoder", lambda: str(weights.find(settings.encoder, "encoder").path))
    yield _check_model("judge", lambda: _judge_files(settings.judge))
    yield _check_model("reader", lambda: _reader_files(settings.reader))


def is_split_right(store: Store, article: Article) -> bool:
    """Whether the stored passages of an article are those that its text gives.

    Those of another chunking cannot be made again: they must be there and lie between words of the text.
    """
    found = store.database.rows('SELECT start, "end" FROM passages WHERE article_id = ? ORDER BY ordinal', article.id)
    spans = tuple(Span(*row) for row in found)
    words = embed.passage_words(store.setting("chunking"))
    if words is not None:
        return spans == chunking.split(article.text, words, article.language)
    return bool(spans) == bool(article.text.strip()) and all(chunking.fits(article.text, span) for span in spans)


def count_misshapen_vectors(store: Store) -> int:
    """Count the vectors of the wrong size."""
    query = (
        "SELECT count(*) FROM passages "
        "WHERE length(vector) <> 2 * (SELECT value FROM settings WHERE name = 'dimension')"
    )
    return int(store.database.rows(query)[0][0])


def count_broken_vectors(store: Store) -> int:
    """Count the vectors that are not finite or not of length 1; all must have the same size."""
    _, vectors = store.vectors()
    norms = np.linalg.norm(vectors, axis=1) if len(vectors) else np.zeros(0)
    with np.errstate(invalid="ignore"):
        return int((~(np.abs(norms - 1.0) < 0.01)).sum())


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


def _check_content(store: Store, progress: Progress) -> Iterator[Finding]:
    articles, passages = store.count()
    damage = "; ".join(store.database.damage()[:3])
    good = f"{articles} articles in {passages} passages, integrity checked"
    yield _finding("database", damage and f"{damage}: {RESTORE}", good)
    if damage:
        return
    chats = Chats(store.database)
    listed = chats.find(limit=-1)
    total = articles + len(listed)
    yield from _check_articles(store, lambda found: _counted(found, 0, total, progress))
    yield _check_chats(chats, _counted(listed, articles, total, progress))
    if staged := count_staged_articles(store):
        detail = f"a conversion was interrupted after {staged} of {articles} articles: nutgraf convert resumes it"
        yield Finding("conversion", "needs attention", detail)


def _check_articles(store: Store, counted: Callable[[Iterator[Article]], Iterator[Article]]) -> Iterator[Finding]:
    """Compare every article with its hash, and its passages with its text."""
    generation = store.generation
    altered, misplaced = [], []
    for article in counted(store.each_article()):
        if not is_intact(article):
            altered.append(article.id)
        elif not is_split_right(store, article):
            misplaced.append(article.id)
    altered += [version.id for version in store.all_versions() if not is_intact(version)]
    # Vectors of different sizes cannot be loaded, so the sizes are checked first.
    wrong = count_misshapen_vectors(store) or count_broken_vectors(store)
    problem = f"{wrong} passages have a damaged vector: nutgraf convert --again" if wrong else ""
    written = store.generation != generation
    if misplaced and not written:
        problem = f"they do not match the text of {_some(misplaced, 'articles')}: nutgraf convert --again"
    yield _finding("passages", problem, "not checked during a write" if written else "all match their texts")
    problem = f"{_some(altered, 'articles')} are not what was read: remove and re-ingest them"
    yield _finding("articles", problem if altered else "", "all as they were read")


def _check_chats(chats: Chats, listed: Iterable[Chat]) -> Finding:
    """Compare every quote with its article, unless that was removed."""
    wrong, compared = [], 0
    for chat in listed:
        try:
            turns = chats.read(chat.id).turns
        except ChatUnknown:
            continue  # deleted meanwhile
        except ArchiveCorrupt as error:
            return Finding("chats", "needs attention", str(error))
        compared += 1
        if any(turn.answer and turn.answer.doubtful for turn in turns):
            wrong.append(chat.id)
    problem = f"{_some(wrong, 'chats')} show what their articles do not say: ask again, or nutgraf chats delete ID"
    return _finding("chats", problem if wrong else "", f"{compared}, every quote is in its article")


def _some(ids: Sequence[str], things: str) -> str:
    return f"{len(ids)} {things} ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})"


def _counted(things: Iterable[_Thing], before: int, total: int, progress: Progress) -> Iterator[_Thing]:
    """Yield the things and report each as done, after those before."""
    for number, thing in enumerate(things, start=before + 1):
        yield thing
        progress(Done(number / max(total, number), number))


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


def _judge_files(setting: str) -> str:
    name, note = choose_judge(setting)
    own, cross = find_judge(name)
    find_base(own)
    if cross is None:
        return f"{own.path} ({note})" if note else str(own.path)
    return f"{cross.path} for the opinion {cross_encoder.opinion_of(cross.path)}, {own.path} for the rest"


def _reader_files(name: str) -> str:
    return "none: answers are quotes" if name == NO_READER else str(weights.find(name, "reader").path)
