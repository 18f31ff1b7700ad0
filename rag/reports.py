"""What an ingest did, article by article."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that tells what an older one, `of`, tells; `similarity` is that of their words in order, to 1."""

    article_id: str
    of: str
    similarity: float


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did. `duplicates` are the copies and near-copies among what was added or updated.

    `stopped`: it was asked to end early, so that there may be more to read.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[Copy, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    stopped: bool = False
