"""Cut a text into sentences, and sentences into passages, with exact offsets."""

from __future__ import annotations

import re

import sentencex

from rag.types import Span

# Scripts that put no space between words; two of their characters count as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^\s{_UNSPACED}]+")
# The segmenter breaks off at "plan B." with a space of several bytes before the point. Each stands for one character.
_SPACES = {
    code: "\n" if chr(code) in "\x85\u2028\u2029" else " " for code in range(0x80, 0x3001) if chr(code).isspace()
}
# What a passage is cut and encoded by; a change makes the stored passages outdated.
SCHEME = "sentences-4"


def sentences(text: str, language: str | None = None) -> tuple[Span, ...]:
    """The sentences of `text` in order, without the white space around them; `language` is ISO 639-1, None English."""
    spans = []
    for found in sentencex.get_sentence_boundaries(language or "en", text.translate(_SPACES)):
        span = _trimmed(text, found["start_index"], found["end_index"])
        if span.start < span.end:
            spans.append(span)
    return tuple(spans)


def split(text: str, words: int, language: str | None = None) -> tuple[Span, ...]:
    """Cut `text` into passages of whole sentences of at most `words` words each.

    A single sentence with more words than that is cut between words.
    """
    passages: list[Span] = []
    size = 0
    for sentence in _shortened(text, words, language):
        count = len(_WORD.findall(text, sentence.start, sentence.end))
        if passages and size + count <= words:
            passages[-1] = Span(passages[-1].start, sentence.end)
            size += count
        else:
            passages.append(sentence)
            size = count
    return tuple(passages)


def heading(title: str, text: str) -> str:
    """`title`, or nothing where it is `text`'s own beginning, broken off: it tells no more than the text does."""
    beginning = title.removesuffix("…")
    if beginning == title:
        return title
    return "" if " ".join(text[: 4 * len(title)].split()).startswith(" ".join(beginning.split())) else title


def _shortened(text: str, words: int, language: str | None) -> list[Span]:
    spans = []
    for sentence in sentences(text, language):
        found = list(_WORD.finditer(text, sentence.start, sentence.end))
        for at in range(0, len(found), words):
            last = found[min(at + words, len(found)) - 1]
            spans.append(Span(found[at].start(), last.end()))
    return spans


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
