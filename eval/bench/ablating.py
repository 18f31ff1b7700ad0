"""What answers lose without each of their parts.

Every variant answers the same cases, whose passages come with them: nutgraf as it is; without the writer, so that the
bare reader writes under the check; without the check, so that what the bare reader writes stands; without a reader, so
that the judge's sentences are quoted; without the judge, so that shared words choose.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.progress import track

from embeddings import Judge, Judgement, Pair
from eval import measures
from eval.bench.rivals import Listening, reader_file
from eval.bench.tables import Table
from eval.cases import Case, read_cases, sample
from eval.figures import Figure, Measure, Share, figures, fraction
from eval.reading import article
from eval.running import errors
from rag import Answer, Assistant, Question, load_settings


class Words:
    """Judges by the share of the words asked for that a text has; points at all of it."""

    fingerprint = "words"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [self._judged(pair) for pair in pairs]

    def _judged(self, pair: Pair) -> Judgement:
        asked, said = set(pair.asked.lower().split()), set(pair.text.lower().split())
        odds = 8.0 * len(asked & said) / max(1, len(asked)) - 4.0
        return Judgement(odds, odds, pair.start, len(pair.text), odds, -4.0, -odds)


class Variant(NamedTuple):
    """What is in the place of the reader and the judge, if anything; `drafts`: what was written is the answer."""

    reader: str | None = None
    silent: bool = False
    judge: Judge | None = None
    drafts: bool = False


def ablated(cases: Path, limit: int, seed: int) -> Table:
    """Each measure of each variant over `limit` cases, with its 95% interval. Raises: InputError."""
    drawn = [case for case in sample(read_cases(cases), limit, seed) if not case.mode]
    bare = str(reader_file())
    variants = {
        "as it is": Variant(),
        "no writer": Variant(reader=bare),
        "no writer, no check": Variant(reader=bare, drafts=True),
        "no reader": Variant(silent=True),
        "no reader, no judge": Variant(silent=True, judge=Words()),
    }
    found = {name: figures(_measured(name, one, drawn), len(drawn), seed) for name, one in variants.items()}
    measured = dict.fromkeys(name for some in found.values() for name in some)
    rows = tuple((name, *(_cell(some.get(name)) for some in found.values())) for name in measured)
    return Table(f"{len(drawn)} cases of {cases.name}, without each part", tuple(found), rows)


def _measured(name: str, variant: Variant, drawn: Sequence[Case]) -> Mapping[str, Measure]:
    with tempfile.TemporaryDirectory() as archive:
        settings = load_settings({"archive": archive, "reader": variant.reader})
        with Assistant(settings, judge=variant.judge, reader=Listening() if variant.silent else None) as assistant:
            assistant.warm()
            shares = [
                dict(_shares(case, _answer(assistant, case), variant))
                for case in track(drawn, description=name, console=errors, transient=True)
            ]
    names = dict.fromkeys(key for one in shares for key in one)
    return {key: fraction([one.get(key, (0.0, 0.0)) for one in shares]) for key in names}


def _answer(assistant: Assistant, case: Case) -> Answer:
    return assistant.read(Question(case.question), [article(one) for one in case.passages])


def _shares(case: Case, answer: Answer, variant: Variant) -> Iterator[tuple[str, Share]]:
    """What a case adds to each measure."""
    refused = answer.refusal is not None
    said = _text(answer, drafts=variant.drafts)
    if not case.answers:
        yield "refused, of the unanswerable", (float(refused), 1.0)
    else:
        yield "refused, of the answerable", (float(refused), 1.0)
        yield "holds an answer", (0.0 if refused else measures.contains(said, case.answers), 1.0)
    if not refused:
        there, count = measures.grounded(said, [citation.evidence.text for citation in answer.citations])
        yield "numbers and names that are in the evidence", (float(there), float(count))
        yield "sentences not quoted whole", _share([not one.quoted for one in answer.verdicts])
        yield "words", (float(len(said.split())), 1.0)


def _share(which: Sequence[bool]) -> Share:
    return float(sum(which)), float(len(which))


def _text(answer: Answer, *, drafts: bool) -> str:
    """What was said; or what was written, where anything was: a yes, a no and a dispute ask no reader."""
    return answer.trace.draft if drafts and answer.trace.draft else " ".join(one.text for one in answer.verdicts)


def _cell(one: Figure | None) -> str:
    return f"{one.mean:.3f} ({one.low:.3f} to {one.high:.3f})" if one else "-"
