"""Small test sets, reports and archives, and the commands run on them in this process with a fake assistant."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from rag import (
    Answer,
    Article,
    Assistant,
    Citation,
    Evidence,
    GenerationFailed,
    Hit,
    Passage,
    Question,
    QuestionInvalid,
    Refusal,
    Settings,
    Support,
    Trace,
    Upload,
    Verdict,
    load_settings,
)
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

BRIDGE = "It rained. The stone bridge opened on Monday."
RAIN = "Nobody was hurt. Heavy rain fell in Lancaster."
BRIDGE_PASSAGE = {"id": "bridge", "title": "A bridge", "text": BRIDGE, "source": "Post"}
RAIN_PASSAGE = {"id": "rain", "text": RAIN, "published": "2021-04-08T10:00:00Z"}
OPENED = {"article_id": "bridge.txt", "quote": "The stone bridge opened on Monday."}
CASES: tuple[dict[str, Any], ...] = (
    {"id": "1", "question": "the stone bridge opened", "answers": ["Monday"], "gold": [OPENED], "type": "date"},
    {"id": "2", "question": "rain fell heavy in", "answers": ["Lancaster"], "sources": ["Post"], "type": "narrowed"},
    {"id": "3", "question": "nuclear submarines abroad", "answers": [], "type": "off-topic"},
)


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Log:
    """What the fake assistants were asked. `stop_at` is the number of the question at which Ctrl-C comes."""

    def __init__(self, stop_at: int = 0, *, fails: bool = False, lead: str = "", blind: bool = False) -> None:
        self.settings: list[Settings] = []
        self.asked: list[Question] = []
        self.ingested = 0
        self.stop_at, self.fails, self.lead, self.blind = stop_at, fails, lead, blind


class FakeAssistant(Assistant):
    """Quotes the sentence that shares the most words with the question, if that is half of them.

    The short answer is the last word of the quote.
    """

    def __init__(self, settings: Settings, log: Log) -> None:
        super().__init__(settings, HashEncoder(), WordJudge(), ScriptedReader())
        self.log = log
        log.settings.append(settings)

    def warm(self) -> None:
        pass

    def ingest(self, *arguments: Any) -> Any:
        self.log.ingested += 1
        return super().ingest(*arguments)

    def ask(self, question: Question) -> Answer:
        found = [one for one in self.articles() if not question.sources or one.source in question.sources]
        if not found:
            raise QuestionInvalid(f"no article is from {question.sources[0]!r}", "name another outlet")
        return self.read(question, found)

    def read(self, question: Question, articles: Sequence[Article]) -> Answer:
        self.log.asked.append(question)
        if len(self.log.asked) == self.log.stop_at:
            raise KeyboardInterrupt
        if self.log.fails:
            raise GenerationFailed("the reader broke off", "ask again")
        return answer_of(question, articles, self.log)

    def check(self, claim: str, evidence: str) -> Support:
        words = claim.lower().split()
        missing = tuple(word for word in words if word not in evidence.lower().split())
        share = 1 - len(missing) / len(words)
        return Support(share > 0.5, share, missing)


def answer_of(question: Question, articles: Sequence[Article], log: Log) -> Answer:
    wanted = set(question.text.lower().split())
    hits = tuple(
        Hit(Passage(at, one.id, 0, 0, len(one.text), one.text), one, 1.0, 1, 1) for at, one in enumerate(articles)
    )
    trace = Trace("hash", "words", "none", retrieve_seconds=0.1, total_seconds=0.2, judged_pairs=2)
    found = [
        (len(wanted & set(re.findall(r"\w+", sentence[0].lower()))) / len(wanted), sentence.span(), one)
        for one in articles
        for sentence in re.finditer(r"\S[^.]*\.", one.text)
    ]
    share, (start, end), article = max(found, key=lambda one: one[0])
    if share < 0.5 or log.blind:
        refusal = Refusal("off_topic", "Nothing on this.")
        return Answer(question, refusal.message, (), (), hits, refusal, trace, asked=question.text, confidence=share)
    quote = article.text[start:end]
    verdict = Verdict(quote, (1,), supported=True, quoted=True, lead=log.lead)
    return Answer(
        question,
        f"{verdict.shown} [1]",
        (verdict,),
        (Citation(1, Evidence(article, 0, start, end, quote, share)),),
        hits,
        None,
        trace,
        asked=question.text,
        short=re.findall(r"\w+", quote)[-1],
        confidence=share,
    )


def fake(monkeypatch: pytest.MonkeyPatch, log: Log | None = None) -> Log:
    """Let the commands open fake assistants; return what they were asked."""
    used = log or Log()
    for module in ("answers", "claims", "find"):
        monkeypatch.setattr(f"eval.{module}.Assistant", lambda settings: FakeAssistant(settings, used))
    return used


def run(*arguments: object) -> Ran:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def put(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def kept(folder: Path) -> list[dict[str, Any]]:
    """The lines of cases.jsonl."""
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]


def whole(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def untimed(report: dict[str, Any]) -> dict[str, Any]:
    """What is the same in every run."""
    return {name: value for name, value in report.items() if name not in ("seconds", "memory_bytes")}


def archived(folder: Path, bridge: str = BRIDGE) -> Path:
    """Make an archive of two small articles."""
    with Assistant(load_settings({"archive": folder}), HashEncoder(), WordJudge(), ScriptedReader()) as assistant:
        report = assistant.ingest(
            [
                Upload("bridge.txt", f"A bridge\n\n{bridge}\n".encode()),
                Upload("rain.txt", f"Weather\nSource: Post\n\n{RAIN}\n".encode()),
            ]
        )
    assert len(report.added) == 2
    return folder


def reading(name: str, question: str, *passages: dict[str, str], **more: object) -> dict[str, Any]:
    """A line of reading.jsonl."""
    return {"id": name, "question": question, "passages": list(passages), **more}


def record(name: str, scores: dict[str, tuple[float, float]], given: str = "", **said: object) -> dict[str, Any]:
    """A line of cases.jsonl; `given` is what was asked."""
    return {"id": name, "case": {"id": name, "question": given}, "said": said or None, "scores": scores}


def answered(name: str, right: float, given: str = "", **more: tuple[float, float]) -> dict[str, Any]:
    """A case that has an answer, which was right or not."""
    return record(name, {"right": (right, 1), "false_refusal": (0, 1), **more}, given)


def report(folder: Path, *records: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    put(folder / "cases.jsonl", *records)
    return folder


READING = (
    reading("1", "the stone bridge opened", BRIDGE_PASSAGE, RAIN_PASSAGE, answers=["Monday"], gold=["bridge"]),
    reading("2", "rain fell heavy in", BRIDGE_PASSAGE, RAIN_PASSAGE, answers=["Lancaster", "York"], gold=["bridge"]),
    reading("3", "nuclear submarines abroad", BRIDGE_PASSAGE, RAIN_PASSAGE, answers=[]),
)
