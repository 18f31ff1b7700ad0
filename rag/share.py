"""An answer or a chat as Markdown, HTML, plain text or JSON, with the source and offsets of every quote; and answers
marked bad as evaluation cases.

No text of an article or a model is active in the output: everything is escaped, and its images and links are not
rendered. The only link is the address of a cited article, if it is http or https.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, BinaryIO, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from rag.contract import answer_json, filters_json, transcript_json
from rag.marks import quoted, without_marks
from rag.reading.encodings import printable
from rag.turns import Transcript, Turn
from rag.types import Answer, Citation, Evidence

Form = Literal["markdown", "html", "plain", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
_Kind = Literal["title", "question", "about", "sentence", "refusal", "quote", "warning", "source", "address"]
# A longer short answer is a statement, which the quote gives better.
_MAX_VALUE_CHARS = 80
# The characters of an address (RFC 3986), except those that would end a link in Markdown.
_ADDRESS_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$&*+,;=%")
# The `type` of the cases that `export_feedback` writes.
_FEEDBACK = "feedback"
_ANSWER_LINE = re.compile(r"^\s*answer:\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


class _Block(NamedTuple):
    """A paragraph on one line, not yet escaped; `markers` are the citations of a sentence or a quote."""

    kind: _Kind
    text: str
    markers: tuple[int, ...] = ()

    @property
    def marked(self) -> str:
        return "".join(f"[{marker}]" for marker in self.markers)


def share_answer(answer: Answer, form: Form) -> str:
    """Format an answer with its citations, without the question. HTML is a fragment, for a clipboard."""
    if form == "json":
        return _json_text(answer_json(answer))
    blocks = list(_answer_blocks(answer))
    return _html(blocks) if form == "html" else _markdown(blocks) if form == "markdown" else _plain(blocks)


def share_chat(transcript: Transcript, form: Form) -> str:
    """Format a chat with every question and answer. HTML is a whole page that loads nothing."""
    if form == "json":
        return _json_text(transcript_json(transcript))
    blocks = list(_chat_blocks(transcript))
    return _html_page(blocks) if form == "html" else _markdown(blocks) if form == "markdown" else _plain(blocks)


def export_feedback(turns: Sequence[Turn], file: BinaryIO) -> None:
    """Write each turn as a case (JSON Lines) for `python -m eval run`. Raises: OSError.

    A line `answer: TEXT` in the user's note becomes a correct answer. A case without any expects a refusal, until
    somebody fills in its `answers`.
    """
    for turn in turns:
        line = json.dumps(_feedback_case(turn), ensure_ascii=False).encode("utf-8", "backslashreplace")
        file.write(line + b"\n")


def _feedback_case(turn: Turn) -> dict[str, Any]:
    question, note = turn.question, turn.feedback.note if turn.feedback else ""
    return {
        "id": f"{_FEEDBACK}-{turn.id}",
        "question": question.text,
        "answers": _ANSWER_LINE.findall(note),
        "history": [exchange._asdict() for exchange in question.history],
        **filters_json(question),
        "as": question.mode or "",
        "type": _FEEDBACK,
        "note": note,
    }


def _json_text(content: dict[str, object]) -> str:
    # A lone surrogate, which damaged text may contain, cannot be encoded: it stays an escape.
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _chat_blocks(transcript: Transcript) -> Iterator[_Block]:
    chat = transcript.chat
    yield _block("title", chat.title)
    yield _block(
        "about", f"Started {chat.created_at:%Y-%m-%d %H:%M} UTC, last changed {chat.changed_at:%Y-%m-%d %H:%M} UTC"
    )
    for turn in transcript.turns:
        yield _block("question", turn.question.text)
        yield _block("about", f"Asked {turn.asked_at:%Y-%m-%d %H:%M} UTC")
        if turn.answer:
            yield from _answer_blocks(turn.answer)
        elif turn.problem:
            yield _block("refusal", f"No answer. {turn.problem.message}")
        else:
            yield _block("refusal", "The answer is not finished.")
        if turn.feedback:
            note = f": {turn.feedback.note}" if turn.feedback.note else ""
            yield _block("about", f"Marked {'good' if turn.feedback.good else 'bad'}{note}")


class Told(NamedTuple):
    """What an article tells: its short answer in quotation marks, its outlet and day, the citation's marker.

    The unit stands after the marks where the quote lacks it and another article's has it.
    """

    value: str
    outlet_and_day: str
    marker: int
    note: str

    @property
    def line(self) -> str:
        return f"{self.value} · {self.outlet_and_day}" + (f" ({self.note})" if self.note else "")


def told(answer: Answer) -> tuple[Told, ...]:
    """Return a row for each value that the articles tell; () if they make statements that no row can hold."""
    markers = {one.evidence.place: one.marker for one in answer.citations}
    shorts = [one.evidence.short for one in answer.testimonies]
    rows = []
    for one in answer.testimonies if answer.kind != "statements" else ():
        marker = markers.get(one.evidence.place)
        if marker and 0 < len(one.evidence.short) <= _MAX_VALUE_CHARS:
            agreeing = len(one.agreeing)
            # That the value stands there is certain; that it answers there too is not.
            others = f"also in {agreeing} other article{'s' if agreeing > 1 else ''}" if agreeing else ""
            note = "corrected since" if one.corrected_by else others
            # An amount beside its unit says what it counts, but a lone unit is not sure to be one.
            known = one.unit not in one.evidence.short and any(one.unit in short for short in shorts)
            value = f"{quoted(one.evidence.short)} {one.unit}" if known else quoted(one.evidence.short)
            rows.append(Told(value, one.evidence.article.outlet_and_day, marker, note))
    return tuple(rows)


def _answer_blocks(answer: Answer) -> Iterator[_Block]:
    for note in answer.notes:
        yield _block("about", note)
    for row in told(answer):
        yield _block("sentence", row.line, (row.marker,))
    if answer.refusal:
        yield _block("refusal", f"Not answered. {answer.refusal.message}")
        for item in answer.nearest:
            yield _block("quote", without_marks(item.text))
            yield from _source_blocks(item, ())
    for verdict in answer.verdicts:
        yield _block("sentence", verdict.shown, verdict.markers)
        if verdict.warning:
            yield _block("warning", verdict.warning)
    for citation in answer.citations:
        yield from _citation_blocks(citation)
    stopped = "; stopped early" if answer.trace.stopped else ""
    yield _block(
        "about", f"Reader {answer.trace.reader}, judge {answer.trace.judge}, encoder {answer.trace.encoder}{stopped}"
    )


def _citation_blocks(citation: Citation) -> Iterator[_Block]:
    yield _block("quote", quoted(citation.evidence.text), (citation.marker,))
    yield from _source_blocks(citation.evidence, citation.outlets)


def _source_blocks(evidence: Evidence, outlets: tuple[str, ...]) -> Iterator[_Block]:
    article = evidence.article
    if evidence.warning:
        yield _block("warning", evidence.warning)
    yield _block("source", article.title_and_byline)
    if article.url:
        yield _block("address", article.url)
    others = f"; the same story in {len(outlets)} outlets: {', '.join(outlets)}" if outlets else ""
    place = f"characters {evidence.start} to {evidence.end} of {article.id}"
    yield _block("source", f"{place}, SHA-256 {article.content_hash}{others}")


def _block(kind: _Kind, text: str, markers: tuple[int, ...] = ()) -> _Block:
    return _Block(kind, printable(" ".join(text.split())), markers)


def is_safe_link(address: str) -> bool:
    """Whether an address may become a link: http or https, without characters that could end the link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and set(address) <= _ADDRESS_CHARACTERS


# Plain text: one line for each block, with an empty line before every question and quote.


def _plain(blocks: Sequence[_Block]) -> str:
    return "\n".join(map(_plain_line, blocks)).strip() + "\n"


def _plain_line(block: _Block) -> str:
    match block.kind:
        case "quote":
            return f"\n{block.marked} {block.text}" if block.markers else f"\n{block.text}"
        case "question":
            return f"\n{block.text}"
        case "source" | "address" | "warning":
            return f"    {block.text}"
    return f"{block.text} {block.marked}".rstrip()


# Markdown (CommonMark): one paragraph for each block.

# References that every Markdown reader knows, for what would be HTML to a reader that ignores backslashes.
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SYNTAX = re.compile(r"[\\`*_\[\]{}|~@$^=#!&<>]")
# Inside a word: many readers turn `www.example.com` and `https://…` into links.
_LINK_PUNCTUATION = re.compile(r"[.:/](?=\S)")
# Lists, headings and rules start a line.
_LINE_START = re.compile(r"^(\d*)([-+.)])")


def escape_markdown(text: str) -> str:
    """Escape text on one line so that Markdown shows it as it is."""
    safe = _SYNTAX.sub(lambda found: _REFERENCES.get(found[0], f"\\{found[0]}"), text)
    safe = _LINK_PUNCTUATION.sub(lambda found: f"\\{found[0]}", safe)
    return _LINE_START.sub(r"\1\\\2", safe)


def _markdown(blocks: Sequence[_Block]) -> str:
    return "\n\n".join(map(_markdown_paragraph, blocks)) + "\n"


def _markdown_paragraph(block: _Block) -> str:
    text, marked = escape_markdown(block.text), escape_markdown(block.marked)
    match block.kind:
        case "title":
            return f"# {text}"
        case "question":
            return f"## {text}"
        case "about":
            return f"*{text}*"
        case "sentence":
            return f"{text} {marked}"
        case "refusal" | "warning":
            return f"**{text}**"
        case "quote":
            return f"> {marked} {text}" if marked else f"> {text}"
        case "source":
            return f"> {text}"
        case "address":
            return f"> <{block.text}>" if is_safe_link(block.text) else f"> {text}"


# HTML: every text is escaped, and isolated so that its direction does not leak into its surroundings.

_TAGS = {"title": "h1", "question": "h2", "quote": "blockquote"}
_STYLE = (
    "body { font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; "
    "overflow-wrap: anywhere; color-scheme: light dark } "
    "blockquote { margin: 1rem 0 .25rem; padding-left: .8rem; border-left: .25rem solid } "
    ".source, .address, .about { margin: .25rem 0; font-size: .875rem } .refusal, .warning { font-weight: 600 }"
)
# Nothing is fetched and no script runs, whatever an article contains.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _html(blocks: Sequence[_Block]) -> str:
    return "\n".join(map(_html_element, blocks)) + "\n"


def _html_page(blocks: Sequence[_Block]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(blocks[0].text)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{_html(blocks)}</body>\n</html>\n"
    )


def _html_element(block: _Block) -> str:
    tag = _TAGS.get(block.kind, "p")
    text = f"<bdi>{escape(block.text)}</bdi>"
    if block.kind == "address" and is_safe_link(block.text):
        text = f'<a href="{escape(block.text)}" rel="noopener noreferrer nofollow">{text}</a>'
    if block.markers:
        marked = f"<sup>{block.marked}</sup>"
        text = f"{marked} {text}" if block.kind == "quote" else f"{text} {marked}"
    return f'<{tag} class="{block.kind}">{text}</{tag}>'
