"""What changed from one version of an article to the next, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from rag.search import chunking
from rag.types import Article


def sentence_changes(old: Article, new: Article) -> Iterator[tuple[str, str]]:
    """Yield `("-", sentence)` for what is gone and `("+", sentence)` for what is new, in reading order."""
    before, after = _sentences(old), _sentences(new)
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (("-", sentence) for sentence in before[start:end])
            yield from (("+", sentence) for sentence in after[new_start:new_end])


def _sentences(article: Article) -> list[str]:
    spans = chunking.sentences(article.text)
    return [article.title, *(" ".join(article.text[span.start : span.end].split()) for span in spans)]
