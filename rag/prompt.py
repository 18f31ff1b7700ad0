"""Build what the reader is given: fixed instructions first, then the evidence and the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.types import Evidence

INSTRUCTIONS = (
    "Answer the question in one short sentence. Use only the words of the numbered sentences. "
    "End with the number of the sentence you used, like [1]."
)
_EXAMPLE = (
    "[1] The mayor, Ada Holm, opened the harbour bridge on Monday.\n"
    "[2] The bridge cost 40 million crowns, the city said.\n"
    "Question: How much did the bridge cost?",
    "The bridge cost 40 million crowns, the city said. [2]",
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`system` and `example` never change, so that the reader keeps them; `user` is data, never instructions."""

    system: str
    example: tuple[str, str]
    user: str


def build(
    question: str, evidence: Sequence[Evidence], count_tokens: Callable[[str], int], budget_tokens: int
) -> Prompt:
    """Number the evidence from 1 and put the question after it.

    Evidence that does not fit in `budget_tokens` is left out from the end. The first stays always: where it
    alone is too long, it is cut.
    """
    lines = [f"[{number}] {' '.join(item.text.split())}" for number, item in enumerate(evidence, start=1)]
    while len(lines) > 1 and count_tokens(_user(lines, question)) > budget_tokens:
        lines.pop()
    while count_tokens(_user(lines, question)) > budget_tokens and len(lines[0]) > 1:
        lines[0] = lines[0][: len(lines[0]) // 2]
    return Prompt(INSTRUCTIONS, _EXAMPLE, _user(lines, question))


def _user(lines: Sequence[str], question: str) -> str:
    return "\n".join([*lines, f"Question: {' '.join(question.split())}"])
