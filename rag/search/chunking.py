"""Sentences and passages of a text, with exact offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise

import sentencex

from rag.types import Article, Span

# How passages are cut; a change makes stored passages outdated.
SCHEME = "sentences-5"
# Hard-wrapped text has lines of at most this many characters; longer lines are whole paragraphs.
_MAX_WRAP_WIDTH = 100
# A line that leaves more than this share of its paragraph's width unused was ended on purpose.
_RAGGED_SHARE = 0.25
# Scripts without spaces between words; two of their characters count as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^\s{_UNSPACED}]+")
# Between two letters or digits of a word; no passage begins or ends there.
_IN_WORD = re.compile(rf"(?<=[^\W{_UNSPACED}])(?=[^\W{_UNSPACED}])")
# sentencex counts bytes at a multi-byte space before a full stop ("plan B ."): replace such spaces, one for one.
_SPACES = {
    code: "\n" if chr(code) in "\x85\u2028\u2029" else " " for code in range(0x80, 0x3001) if chr(code).isspace()
}


def sentences(text: str, language: str | None = None, within: Span | None = None) -> tuple[Span, ...]:
    """Split a text into sentences, without surrounding white space. `language` is ISO 639-1; None means English.

    `within` gives only the sentences in that part, cut at its edges. Use it instead of slicing the text: the lines
    around a sentence tell whether a line break ends it.
    """
    first, last = within or Span(0, len(text))
    found = []
    for block in _blocks(text):
        if block.end <= first or block.start >= last:
            continue
        plain = text[block.start : block.end].translate(_SPACES)
        for bounds in sentencex.get_sentence_boundaries(language or "en", plain):
            start, end = block.start + bounds["start_index"], block.start + bounds["end_index"]
            span = _trimmed(text, max(start, first), min(end, last))
            if span.start < span.end:
                found.append(span)
    return tuple(found)


def split(text: str, words: int, language: str | None = None) -> tuple[Span, ...]:
    """Split a text into passages of whole sentences with at most `words` words each.

    A longer sentence is split between words.
    """
    passages: list[Span] = []
    size = 0
    for piece in _pieces(text, words, language):
        count = len(_WORD.findall(text, piece.start, piece.end))
        if passages and size + count <= words:
            passages[-1] = Span(passages[-1].start, piece.end)
            size += count
        else:
            passages.append(piece)
            size = count
    return tuple(passages)


def fits(text: str, span: Span) -> bool:
    """Whether a passage may lie there: inside the text, and not from or to the middle of a word."""
    inside = 0 <= span.start < span.end <= len(text)
    return inside and not any(_IN_WORD.match(text, at) for at in span)


def heading(title: str, text: str) -> str:
    """Return the title, or "" if it is a truncated copy of the text's beginning and adds nothing to it."""
    beginning = title.removesuffix("…")
    if beginning == title:
        return title
    return "" if " ".join(text[: 4 * len(title)].split()).startswith(" ".join(beginning.split())) else title


def sentence_changes(old: Article, new: Article) -> Iterator[tuple[str, str]]:
    """Yield `("-", sentence)` for each removed and `("+", sentence)` for each added sentence, in reading order."""
    before, after = _title_and_sentences(old), _title_and_sentences(new)
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (("-", sentence) for sentence in before[start:end])
            yield from (("+", sentence) for sentence in after[new_start:new_end])


def _title_and_sentences(article: Article) -> list[str]:
    spans = sentences(article.text)
    return [article.title, *(" ".join(article.text[span.start : span.end].split()) for span in spans)]


def _pieces(text: str, words: int, language: str | None) -> Iterator[Span]:
    """Yield sentences of at most `words` words, and longer ones in pieces."""
    for sentence in sentences(text, language):
        found = list(_WORD.finditer(text, sentence.start, sentence.end))
        for at in range(0, len(found), words):
            last = found[min(at + words, len(found)) - 1]
            yield Span(found[at].start(), last.end())


def _blocks(text: str) -> Iterator[Span]:
    """Yield the parts of a text that no sentence crosses: headings and paragraphs.

    A blank line always ends a block. A single line break ends one unless the text is hard-wrapped there.
    """
    for lines in _paragraphs(text):
        # A long URL on a line of its own says nothing about the width.
        width = max((end - start for start, end in lines if " " in text[start:end]), default=0)
        start = lines[0].start
        for line, following in pairwise(lines):
            if not _wraps(text, line, following, width):
                yield Span(start, line.end)
                start = following.start
        yield Span(start, lines[-1].end)


def _paragraphs(text: str) -> Iterator[list[Span]]:
    """Yield runs of non-blank lines, without surrounding white space."""
    lines: list[Span] = []
    at = 0
    for line in text.splitlines(keepends=True):
        span = _trimmed(text, at, at + len(line))
        at += len(line)
        if span.start < span.end:
            lines.append(span)
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _wraps(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the break after `line` only wraps a sentence, in a paragraph of that width.

    It does if the next line goes on in lower case, or if the line is full: the next word would not have fitted.
    """
    if text[following.start].islower():
        return True
    next_word = _WORD.match(text, following.start)
    used = line.end - line.start + 1 + (next_word.end() - next_word.start() if next_word else 0)
    return width <= _MAX_WRAP_WIDTH and used > width * (1 - _RAGGED_SHARE)


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
