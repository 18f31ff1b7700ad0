"""The checksums by which files on the disk are known to be the ones that were written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path


def checksums(folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """The SHA-256 of every file of the index by its name. A segment's file never changes: what is `known` holds."""
    found = {}
    # Hidden files are locks and lists of the files that may be deleted.
    for file in sorted(folder.glob("*/[!.]*")):
        name = file.relative_to(folder).as_posix()
        fixed = name in known and file.name != "meta.json"
        found[name] = known[name] if fixed else hashlib.sha256(file.read_bytes()).hexdigest()
    return found
