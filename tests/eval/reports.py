"""Reports of small runs, with scores as the commands write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.eval.making import put


def case(name: str, scores: dict[str, tuple[float, float]], given: str = "", **said: object) -> dict[str, Any]:
    """A record; `given` is what stands in the case besides its id."""
    return {"id": name, "case": {"id": name, "question": given}, "said": said or None, "scores": scores}


def answered(name: str, right: float, given: str = "", **more: tuple[float, float]) -> dict[str, Any]:
    """A case that has an answer, which was right or not."""
    return case(name, {"contains": (right, 1), "false_refusal": (0, 1), **more}, given)


def report(folder: Path, *records: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    put(folder / "cases.jsonl", *records)
    return folder
