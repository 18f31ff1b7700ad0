"""Give an answer or a whole chat away: as Markdown, HTML, plain text or JSON, every quote with where it stands.

No text of an article or a model does anything in them: it is escaped, and no image or link of its own is live. The
one thing that is live is the address of a cited article, where it is an http or https one.
"""

from __future__ import annotations

import json
from typing import Literal, get_args

from rag.contract import answer_json, transcript_json
from rag.sharing import blocks, html, markdown, plain
from rag.types import Answer, Transcript

Form = Literal["markdown", "html", "plain", "json"]
FORMS: tuple[Form, ...] = get_args(Form)


def share_answer(answer: Answer, form: Form) -> str:
    """The answer with its citations, without the question; HTML is a fragment, for a clipboard."""
    if form == "json":
        return _written(answer_json(answer))
    told = tuple(blocks.of_answer(answer))
    if form == "html":
        return html.fragment(told)
    return markdown.document(told) if form == "markdown" else plain.document(told)


def share_chat(transcript: Transcript, form: Form) -> str:
    """A chat with every question and answer; HTML is a whole page that loads nothing."""
    if form == "json":
        return _written(transcript_json(transcript))
    told = tuple(blocks.of_transcript(transcript))
    if form == "html":
        return html.page(told[0].text, told)
    return markdown.document(told) if form == "markdown" else plain.document(told)


def _written(told: dict[str, object]) -> str:
    # A half character, which a damaged text may hold, stays an escape: no file could take it.
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
