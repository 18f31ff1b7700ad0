"""Blocks as HTML, in which every text is escaped and keeps its direction to itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.sharing.blocks import Block, is_live

_TAGS = {"title": "h1", "question": "h2", "quote": "blockquote"}
_STYLE = (
    "body { font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; "
    "overflow-wrap: anywhere; color-scheme: light dark } "
    "blockquote { margin: 1rem 0 .25rem; padding-left: .8rem; border-left: .25rem solid } "
    ".source, .address, .about { margin: .25rem 0; font-size: .875rem } .refusal { font-weight: 600 }"
)
# Whatever an article says, nothing is fetched and nothing runs.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def fragment(blocks: Sequence[Block]) -> str:
    """The elements alone."""
    return "\n".join(map(_element, blocks)) + "\n"


def page(title: str, blocks: Sequence[Block]) -> str:
    """A whole document."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{fragment(blocks)}</body>\n</html>\n"
    )


def _element(block: Block) -> str:
    tag = _TAGS.get(block.kind, "p")
    text = f"<bdi>{escape(block.text)}</bdi>"
    if block.kind == "address" and is_live(block.text):
        text = f'<a href="{escape(block.text)}" rel="noopener noreferrer nofollow">{text}</a>'
    markers = "".join(f"[{marker}]" for marker in block.markers)
    if markers:
        marked = f"<sup>{markers}</sup>"
        text = f"{marked} {text}" if block.kind == "quote" else f"{text} {marked}"
    return f'<{tag} class="{block.kind}">{text}</{tag}>'
