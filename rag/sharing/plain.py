"""Blocks as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from rag.sharing.blocks import Block

_INDENTED = ("source", "address")


def document(blocks: Sequence[Block]) -> str:
    """One line for each block; an empty one before every question and quote."""
    return "\n".join(map(_line, blocks)).strip() + "\n"


def _line(block: Block) -> str:
    markers = "".join(f"[{marker}]" for marker in block.markers)
    if block.kind == "quote":
        return f"\n{markers} {block.text}" if markers else f"\n{block.text}"
    if block.kind == "question":
        return f"\n{block.text}"
    if block.kind in _INDENTED:
        return f"    {block.text}"
    return f"{block.text} {markers}".rstrip()
