"""Questions whose answers were marked bad, as cases of a fixed set: `python -m eval run` asks them again.

A person fills in `answers` where the note does not tell them. Until then the case says that a refusal is right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from rag.contract import filters_json
from rag.types import Turn

TYPE = "feedback"
_ANSWER = re.compile(r"^\s*answer:\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


def case_of(turn: Turn) -> dict[str, Any]:
    """A question as a line of `questions.jsonl`; a line `answer: TEXT` of its note is a right answer."""
    question, note = turn.question, turn.feedback.note if turn.feedback else ""
    return {
        "id": f"{TYPE}-{turn.id}",
        "question": question.text,
        "answers": _ANSWER.findall(note),
        "history": [exchange._asdict() for exchange in question.history],
        **filters_json(question),
        "type": TYPE,
        "note": note,
    }


def write_cases(turns: Sequence[Turn], file: BinaryIO) -> None:
    """Write a case for each turn as JSON Lines. Raises: OSError."""
    for turn in turns:
        # A half character stays an escape, which JSON reads.
        line = json.dumps(case_of(turn), ensure_ascii=False).encode("utf-8", "backslashreplace")
        file.write(line + b"\n")
