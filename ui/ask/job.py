"""Answer a question in a thread of its own."""

from __future__ import annotations

from rag import Answer, Assistant, Citation, Found, Question, Verdict
from ui.background import Background


class Job(Background):
    """One question under way."""

    def __init__(self, assistant: Assistant, question: Question) -> None:
        super().__init__("answer")
        self.question = question
        self.searched = False
        self.place = 0
        self.verdicts: tuple[Verdict, ...] = ()
        self.citations: tuple[Citation, ...] = ()
        self.answer: Answer | None = None
        self._assistant = assistant

    def _work(self) -> None:
        for step in self._assistant.stream(self.question, self._stopped.is_set, self._wait):
            if isinstance(step, Answer):
                self.answer = step
            elif isinstance(step, Found):
                self.searched = True
            else:
                self.place = 0
                self.citations += step.citations
                self.verdicts += (step.verdict,)
            self._tell()

    def _wait(self, place: int) -> None:
        self.place = place
        self._tell()
