"""Examine an archive and the models it is used with: what is whole, what mends itself, what needs a hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from embeddings import cross_encoder
from rag.archive import RESTORE, Store, checks
from rag.archive.lock import ArchiveLock
from rag.errors import NutgrafError
from rag.models import weights as models
from rag.models.loading import find_base, find_judge, find_reader
from rag.reading.draft import is_intact
from rag.search import encoding
from rag.search.indexes import Indexes
from rag.settings import Settings

_LOW_DISK_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined. `mends itself` needs no hand, `needs you` does; `told` says what is so, and what to do."""

    name: str
    state: Literal["good", "mends itself", "needs you"]
    told: str


def examine(settings: Settings, database: Path) -> Iterator[Finding]:
    """Yield what is found, from the ground up. Nothing is changed but what opening the archive mends."""
    yield from _folder(settings.archive)
    try:
        store = Store(database)
    except NutgrafError as error:
        yield _bad("database", error)
        return
    with closing(store):
        try:
            yield from _content(store)
            yield from _indexes(settings, store)
            yield from _made_by(settings, store)
        except NutgrafError as error:
            yield _bad("database", error)
    yield _encoder(settings.encoder)
    yield _judge(settings.judge)
    yield _reader(settings.reader)


def _folder(folder: Path) -> Iterator[Finding]:
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("folder", "needs you", f"{folder} cannot be written: check its permissions")
    else:
        yield Finding("folder", "good", str(folder))
    free = shutil.disk_usage(folder).free
    low = free < _LOW_DISK_BYTES
    yield Finding("disk", "needs you" if low else "good", f"{free / 1e9:.1f} GB free" + (": make room" if low else ""))


def _content(store: Store) -> Iterator[Finding]:
    damage = store.database.damage()
    if damage:
        yield Finding("database", "needs you", f"{'; '.join(damage[:3])}: {RESTORE}")
        return
    articles, passages = store.count()
    yield Finding("database", "good", f"{articles} articles in {passages} passages, integrity checked")
    wrong = checks.misfits(store)
    wrong = wrong or checks.broken_vectors(store)
    unfound = checks.without_passages(store)
    told = f"{wrong} passages do not fit their text or hold a broken vector: nutgraf convert --again"
    if unfound and not wrong:
        told = f"{len(unfound)} articles have none ({', '.join(unfound[:3])}): nutgraf convert --again"
    bad = wrong or unfound
    yield Finding("passages", "needs you", told) if bad else Finding("passages", "good", "all inside their texts")
    altered = [
        item.id for item in chain(store.each_article(), checks.all_versions(store)) if not is_intact(item)
    ]
    told = (
        f"{len(altered)} articles are not what was read ({', '.join(altered[:3])}): remove them and ingest them again"
    )
    yield Finding("articles", "needs you", told) if altered else Finding("articles", "good", "all as they were read")
    staged = checks.count_staged(store)
    if staged:
        told = f"a conversion was broken off after {staged} of {articles} articles: nutgraf convert goes on with it"
        yield Finding("conversion", "needs you", told)


def _indexes(settings: Settings, store: Store) -> Iterator[Finding]:
    lock = ArchiveLock(settings.archive)
    with lock.try_hold("examining the archive") as free:
        holder = "nobody writes to it" if free else f"being written by {lock.who()}"
        yield Finding("lock", "good", holder)
        reasons = Indexes(settings.archive, store, lock).unusable() if free else {}
    for name in ("vector index", "full-text index"):
        if reason := reasons.get(name):
            yield Finding(name, "mends itself", f"built again when it is next needed ({reason})")
        else:
            yield Finding(name, "good", "in step with the database" if free else "not examined while it is written")


def _made_by(settings: Settings, store: Store) -> Iterator[Finding]:
    if not store.count_articles():
        return
    stored = {name: store.setting(name) for name in ("encoder", "chunking")}
    asked = {"encoder": models.find(settings.encoder, "encoder").fingerprint}
    asked["chunking"] = encoding.scheme(settings.passage_words)
    for name, value in asked.items():
        if stored[name] != value:
            told = (
                f"the archive was made with {stored[name]}, and {value} is asked for: set it back, or nutgraf convert"
            )
            yield Finding(f"made by {name}", "needs you", told)
        else:
            yield Finding(f"made by {name}", "good", value)


def _encoder(name: str) -> Finding:
    try:
        return Finding("encoder", "good", f"{models.find(name, 'encoder').path}")
    except NutgrafError as error:
        return _bad("encoder", error)


def _judge(name: str) -> Finding:
    try:
        own, beside = find_judge(name)
        find_base(own)
    except NutgrafError as error:
        return _bad("judge", error)
    if beside is None:
        return Finding("judge", "good", f"{own.path}")
    opinion = cross_encoder.opinion_of(beside.path)
    return Finding("judge", "good", f"{beside.path} for the opinion {opinion}, {own.path} for the rest")


def _reader(name: str) -> Finding:
    try:
        reader, writer = find_reader(name)
    except NutgrafError as error:
        return _bad("reader", error)
    return Finding("reader", "good", f"{reader.path}{f', with {writer.path}' if writer else ''}")


def _bad(name: str, error: NutgrafError) -> Finding:
    return Finding(name, "needs you", str(error))
