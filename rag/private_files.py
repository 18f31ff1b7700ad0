"""Private files: what nutgraf creates, only its owner can open, whatever the umask.

Each file and folder is given its mode. A umask would be shorter, but it belongs to the whole process, which may be
another program that uses `Assistant`. What others write (tantivy, huggingface_hub) lies inside folders made here.
"""

from __future__ import annotations

from pathlib import Path

from embeddings.atomic import atomic_write, remove_leftovers

__all__ = ["atomic_write", "make_folder", "remove_leftovers"]


def make_folder(path: Path) -> None:
    """Create a folder and its missing parents; what exists keeps its mode. Raises: OSError."""
    if not path.parent.exists():
        make_folder(path.parent)
    path.mkdir(0o700, exist_ok=True)
