"""Put checked sentences together into an answer whose markers count from 1 in the order of reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag import narrowing
from rag.answering import timing
from rag.answering.evidence import Choice
from rag.english import speaking
from rag.types import Answer, Citation, Evidence, Hit, Question, Refusal, Said, Trace, Verdict
from rag.understanding import asking, kinds

# Of a question that is repeated.
_SHOWN_CHARS = 200


class Composition:
    """An answer in the making."""

    def __init__(self, question: Question, asked: str, hits: tuple[Hit, ...]) -> None:
        """`asked` is the question as it was understood."""
        self._question = question
        self._asked = asked
        self._hits = hits
        self._outlets = {hit.article.id: hit.outlets for hit in hits}
        self._verdicts: list[Verdict] = []
        self._citations: dict[tuple[str, int], Citation] = {}

    def say(self, verdict: Verdict, evidence: Sequence[Evidence]) -> Said:
        """Add a sentence whose markers count `evidence` from 1; return it with the answer's own markers."""
        markers, new = [], []
        for number in verdict.markers:
            item = evidence[number - 1]
            place = (item.article.id, item.start)
            if place not in self._citations:
                outlets = self._outlets.get(item.article.id, ())
                self._citations[place] = Citation(len(self._citations) + 1, item, outlets)
                new.append(self._citations[place])
            markers.append(self._citations[place].marker)
        said = replace(verdict, markers=tuple(markers))
        self._verdicts.append(said)
        return Said(said, tuple(new))

    def answer(self, trace: Trace, refusal: Refusal, choice: Choice) -> Answer:
        """The whole answer; where nothing was said, the refusal."""
        refused = not self._verdicts
        disputed = choice.manner == "disputed" and not refused
        short = self._short(choice)
        return Answer(
            question=self._question,
            text=refusal.message if refused else " ".join(written(verdict) for verdict in self._verdicts),
            verdicts=tuple(self._verdicts),
            citations=tuple(self._citations.values()),
            hits=self._hits,
            refusal=refusal if refused else None,
            trace=trace,
            asked=self._asked,
            short=short,
            confidence=choice.confidence,
            notes=tuple(self._notes(choice, short)),
            disputed=disputed,
        )

    def _short(self, choice: Choice) -> str:
        """Yes or no, who says it, the things of a list, each side's, or the first short answer among what is cited."""
        cited = [citation.evidence for citation in self._citations.values()]
        if not cited or choice.manner in ("Yes", "No", "undecided"):
            return choice.manner if cited and choice.manner != "undecided" else ""
        if speaking.speaker_asked(self._asked) and (who := speaking.speaker(cited[0].text)):
            return who
        told = list(dict.fromkeys(timing.short(self._asked, item) for item in cited if item.short))
        if choice.manner == "disputed":
            return "" if asking.statement(self._asked) else " or ".join(told)
        most = kinds.list_size(self._asked) if kinds.lists(self._asked) else 1
        return ", ".join(told[:most])

    def _notes(self, choice: Choice, short: str) -> Iterator[str]:
        if self._asked != self._question.text:
            yield f"Understood as: {self._asked[:_SHOWN_CHARS]}"
        if self._hits and self._question.narrowed:
            yield narrowing.note(self._question)
        if not self._verdicts:
            return
        if choice.manner == "disputed":
            yield "The articles disagree."
        if choice.manner == "undecided":
            yield "The archive says neither yes nor no in so many words; this bears on it."
        if choice.manner == "gathered":
            yield "No single sentence of the archive answers this; these bear on it."
        for part in choice.unanswered:
            yield f"Not stated in the archive: {part[:_SHOWN_CHARS]}"
        yield from timing.notes(self._asked, [citation.evidence for citation in self._citations.values()], short)


def written(verdict: Verdict) -> str:
    """A sentence with its markers, as plain text."""
    return f"{verdict.shown} {''.join(f'[{marker}]' for marker in verdict.markers)}"
