"""Build what the reader is given: fixed instructions first, then the evidence and the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.types import Evidence

INSTRUCTIONS = (
    "Answer the question by copying the part of one numbered sentence that answers it, word for word. "
    "End with its number, like [1]."
)
# Invented news: a small reader takes the form from examples, and the words only from what it is given.
_EXAMPLES = (
    (
        "[1] The mayor, Ada Holm, opened the harbour bridge on Monday.\n"
        "[2] The bridge cost 40 million crowns, the city said, and took six years to build.\n"
        "Question: How much did the bridge cost?",
        "The bridge cost 40 million crowns, the city said. [2]",
    ),
    (
        "[1] Minister Jon Berg said the ferry between Norvik and the northern islands would stop in May, because "
        "too few people use it.\n"
        "Question: Which places does the ferry join, and who said it would stop?",
        "Minister Jon Berg said the ferry between Norvik and the northern islands would stop in May. [1]",
    ),
    (
        "[1] Rain fell on the valley for eight days.\n"
        "[2] Heavy rain destroyed 200 homes in Tarn last week, according to the police, who closed two roads.\n"
        "Question: Where were homes destroyed?",
        "Heavy rain destroyed 200 homes in Tarn last week, according to the police. [2]",
    ),
)
# Room for the instructions, the examples and a chat template's own tokens (about 260 with SmolLM2).
FIXED_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Prompt:
    """`system` and `examples` never change, so that the reader keeps them; `user` is data, never instructions.

    Each example is a pair: what was asked, what was answered.
    """

    system: str
    examples: tuple[tuple[str, str], ...]
    user: str


def build(
    question: str, evidence: Sequence[Evidence], count_tokens: Callable[[str], int], budget_tokens: int
) -> Prompt:
    """Number the evidence from 1 and put the question after it.

    Evidence that does not fit in `budget_tokens` is left out from the end. The first stays always: where it
    alone is too long, it is cut.
    """
    lines = [f"[{number}] {_plain(item.text)}" for number, item in enumerate(evidence, start=1)]
    while len(lines) > 1 and count_tokens(_user(lines, question)) > budget_tokens:
        lines.pop()
    while count_tokens(_user(lines, question)) > budget_tokens and len(lines[0]) > 1:
        lines[0] = lines[0][: len(lines[0]) // 2]
    return Prompt(INSTRUCTIONS, _EXAMPLES, _user(lines, question))


def _user(lines: Sequence[str], question: str) -> str:
    return "\n".join([*lines, f"Question: {_plain(question)}"])


def _plain(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
