"""Small test sets, and the commands run on them in this process through fakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from rag import Assistant, Settings
from rag.models.reader import Prompt, Reader
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

# The fake judge finds the answer in the last word.
_STONE = "It rained. The stone bridge opened on Monday."
BRIDGE = {"id": "bridge", "title": "A bridge", "text": _STONE, "source": "Post"}
RAIN = {"id": "rain", "text": "Nobody was hurt. Heavy rain fell in Lancaster.", "published": "2021-04-08T10:00:00Z"}


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Interrupted(ScriptedReader):
    """Ctrl-C in the answer whose number, from 1, is `at`."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def stream(
        self, prompt: Prompt, max_tokens: int, stopped: Callable[[], bool], waiting: Callable[[int], None]
    ) -> Iterator[str]:
        self.prompts.append(prompt)
        if len(self.prompts) == self.at:
            raise KeyboardInterrupt
        return iter(())


def fake(monkeypatch: pytest.MonkeyPatch, reader: Reader | None = None) -> list[Settings]:
    """Let the commands open assistants on fakes; return the settings of each."""
    opened: list[Settings] = []

    def made(settings: Settings) -> Assistant:
        opened.append(settings)
        return Assistant(settings, HashEncoder(), WordJudge(), reader or ScriptedReader())

    for command in ("reading", "claims", "asking"):
        monkeypatch.setattr(f"eval.{command}.Assistant", made)
    return opened


def untimed(report: dict[str, Any]) -> dict[str, Any]:
    """What is the same in every run."""
    return {name: value for name, value in report.items() if name not in ("seconds", "memory_bytes")}


def run(*arguments: object) -> Ran:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def put(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def case(name: str, question: str, *passages: dict[str, str], **more: object) -> dict[str, Any]:
    return {"id": name, "question": question, "passages": list(passages), **more}


def kept(folder: Path) -> list[dict[str, Any]]:
    """The lines of cases.jsonl."""
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
