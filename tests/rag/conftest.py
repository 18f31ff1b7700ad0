"""The command line run in this process, on models that are loaded once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import cli
from rag.models.reader import LlamaReader


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed, which is one JSON object on one line and nothing else."""
        assert self.code == 0, self.err
        assert self.out.count("\n") == 1
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    encoder: SentenceEncoder,
    judge: CrossJudge,
    reader: LlamaReader,
) -> Run:
    """Run the command in this process, on models that are loaded once."""
    monkeypatch.setattr("rag.models.loaded.SentenceEncoder", lambda *_: encoder)
    monkeypatch.setattr("embeddings.network.CrossJudge", lambda *_: judge)
    monkeypatch.setattr("rag.models.loaded.LlamaReader", lambda *_: reader)

    def command(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["nutgraf", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Ran(code, *capsys.readouterr())

    return command


@pytest.fixture
def filled(run: Run, seeded: None) -> Run:
    """The same, over the two sample articles."""
    return run


def assert_one_line(ran: Ran, *held: str) -> None:
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("error: ")
    for text in held:
        assert text in ran.err
