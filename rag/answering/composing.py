"""Put checked sentences together into an answer whose markers count from 1 in the order of reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answering import timing
from rag.answering.evidence import Choice
from rag.archive import filters
from rag.english import speaking
from rag.types import Answer, Citation, Evidence, Hit, Question, Refusal, Said, Trace, Verdict
from rag.understanding import asking, kinds

# Of a question that is repeated.
_SHOWN_CHARS = 200
_DISPUTED = {"disputed": "The articles disagree", "perhaps disputed": "The articles may disagree; compare them"}


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
        disputed = choice.disputed and not refused
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
        if choice.disputed and asking.statement(self._asked):
            return ""
        # What is no number, day or name is a clause, and two of them are no answer.
        if choice.disputed and kinds.wanted(self._asked):
            return " or ".join(dict.fromkeys(map(self._told, cited)))
        if who := self._speaker(cited[0]):
            return who
        told = list(dict.fromkeys(timing.short(self._asked, item) for item in cited if item.short))
        most = kinds.list_size(self._asked) if kinds.lists(self._asked) else 1
        return ", ".join(told[:most])

    def _told(self, item: Evidence) -> str:
        return self._speaker(item) or timing.short(self._asked, item)

    def _speaker(self, item: Evidence) -> str:
        """Who says it, where that is asked; "" for nobody."""
        return (speaking.speaker(item.text) or "") if speaking.speaker_asked(self._asked) else ""

    def _latest(self) -> str:
        """Which of articles of several days is the latest, for what was so may have changed."""
        dates = {citation.evidence.article.published for citation in self._citations.values()}
        days = sorted(str(date) for date in dates if date and date.year and date.day)
        return f"; the latest is of {days[-1]}" if len(dates) == len(days) > 1 else ""

    def _notes(self, choice: Choice, short: str) -> Iterator[str]:
        if self._asked != self._question.text:
            yield f"Understood as: {self._asked[:_SHOWN_CHARS]}"
        if self._hits and self._question.narrowed:
            yield filters.note(self._question)
        if not self._verdicts:
            return
        if choice.disputed:
            yield f"{_DISPUTED[choice.manner]}{self._latest()}."
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
