"""Blocks as Markdown (CommonMark), in which every text is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.sharing.blocks import Block, is_live

# References, which every reader of Markdown knows, for what would otherwise be HTML where a backslash is not known.
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EVERYWHERE = re.compile(r"[\\`*_\[\]{}|~@$^=#!&<>]")
# Inside a word: `www.example.com` and `https://…` are links to many readers of Markdown.
_IN_ADDRESSES = re.compile(r"[.:/](?=\S)")
# Lists, headings and rules begin a line.
_AT_THE_START = re.compile(r"^(\d*)([-+.)])")


def escaped(text: str) -> str:
    """Text on one line such that Markdown reads nothing into it."""
    safe = _EVERYWHERE.sub(lambda found: _REFERENCES.get(found[0], f"\\{found[0]}"), text)
    safe = _IN_ADDRESSES.sub(lambda found: f"\\{found[0]}", safe)
    return _AT_THE_START.sub(r"\1\\\2", safe)


def document(blocks: Sequence[Block]) -> str:
    """One paragraph for each block."""
    return "\n\n".join(map(_paragraph, blocks)) + "\n"


def _paragraph(block: Block) -> str:
    text = escaped(block.text)
    markers = "".join(f"\\[{marker}\\]" for marker in block.markers)
    match block.kind:
        case "title":
            return f"# {text}"
        case "question":
            return f"## {text}"
        case "about":
            return f"*{text}*"
        case "sentence":
            return f"{text} {markers}"
        case "refusal":
            return f"**{text}**"
        case "quote":
            return f"> {markers} {text}" if markers else f"> {text}"
        case "source":
            return f"> {text}"
        case "address":
            return f"> <{block.text}>" if is_live(block.text) else f"> {text}"
