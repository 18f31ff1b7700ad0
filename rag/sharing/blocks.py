"""What an answer or a chat tells, paragraph by paragraph, before it is written in any form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from rag.chats import Transcript, Turn
from rag.reading.encodings import printable
from rag.types import Answer, Article, Citation, Hit

Kind = Literal["title", "question", "about", "sentence", "refusal", "quote", "source", "address"]
# Of a refusal, as the chat and the command line show them.
_NEAREST = 3
# What an address is made of (RFC 3986), without what ends one in Markdown.
_OF_ADDRESS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$&*+,;=%")


class Block(NamedTuple):
    """A paragraph on one line, in which nothing is escaped yet; `markers` are those of a sentence or a quote."""

    kind: Kind
    text: str
    markers: tuple[int, ...] = ()


def of_transcript(transcript: Transcript) -> Iterator[Block]:
    """The title, then each question with its answer."""
    chat = transcript.chat
    yield _block("title", chat.title)
    yield _block(
        "about", f"Begun {chat.created_at:%Y-%m-%d %H:%M} UTC, last changed {chat.changed_at:%Y-%m-%d %H:%M} UTC"
    )
    for turn in transcript.turns:
        yield from _turn(turn)


def of_answer(answer: Answer) -> Iterator[Block]:
    """What is shown of an answer: notes, sentences and quotes, or the refusal and the nearest passages."""
    if answer.asked not in ("", answer.question.text):
        yield _block("about", f"Understood as: {answer.asked}")
    for note in answer.notes:
        yield _block("about", note)
    if answer.refusal:
        yield _block("refusal", f"Not answered. {answer.refusal.message}")
        for hit in answer.hits[:_NEAREST]:
            yield from _nearest(hit)
    for verdict in answer.verdicts:
        yield _block("sentence", verdict.shown, verdict.markers)
    for citation in answer.citations:
        yield from _citation(citation)
    stopped = "; stopped early" if answer.trace.stopped else ""
    yield _block(
        "about", f"Reader {answer.trace.reader}, judge {answer.trace.judge}, encoder {answer.trace.encoder}{stopped}"
    )


def is_live(address: str) -> bool:
    """Whether an address may be made a link: http or https, and of nothing that could end the link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and set(address) <= _OF_ADDRESS


def _turn(turn: Turn) -> Iterator[Block]:
    yield _block("question", turn.question.text)
    yield _block("about", f"Asked {turn.asked_at:%Y-%m-%d %H:%M} UTC")
    if turn.answer:
        yield from of_answer(turn.answer)
    elif turn.problem:
        yield _block("refusal", f"No answer. {turn.problem.message}")
    else:
        yield _block("refusal", "The answer is under way.")
    if turn.feedback:
        note = f": {turn.feedback.note}" if turn.feedback.note else ""
        yield _block("about", f"Marked {'good' if turn.feedback.good else 'bad'}{note}")


def _citation(citation: Citation) -> Iterator[Block]:
    evidence = citation.evidence
    yield _block("quote", f"“{evidence.text}”", (citation.marker,))
    yield from _source(evidence.article, evidence.start, evidence.end, citation.outlets)


def _nearest(hit: Hit) -> Iterator[Block]:
    yield _block("quote", hit.passage.text)
    yield from _source(hit.article, hit.passage.start, hit.passage.end, hit.outlets)


def _source(article: Article, start: int, end: int, outlets: tuple[str, ...]) -> Iterator[Block]:
    yield _block("source", f"{article.title} · {article.byline}")
    if article.url:
        yield _block("address", article.url)
    told = f"; the same story in {len(outlets)} outlets: {', '.join(outlets)}" if outlets else ""
    yield _block("source", f"characters {start} to {end} of {article.id}, SHA-256 {article.content_hash}{told}")


def _block(kind: Kind, text: str, markers: tuple[int, ...] = ()) -> Block:
    return Block(kind, printable(" ".join(text.split())), markers)
