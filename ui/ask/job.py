"""Answer a question in a thread of its own, and keep its answer in its chat."""

from __future__ import annotations

from contextlib import suppress

from rag import Answer, Assistant, Citation, Found, NutgrafError, Turn, Verdict
from ui.background import Background


class Job(Background):
    """One question under way."""

    def __init__(self, assistant: Assistant, turn: Turn) -> None:
        super().__init__("answer")
        self.turn = turn
        self.searched = False
        self.place = 0
        self.verdicts: tuple[Verdict, ...] = ()
        self.citations: tuple[Citation, ...] = ()
        self._assistant = assistant

    def _work(self) -> None:
        for step in self._assistant.stream(self.turn.question, self._stop_now, self._wait):
            if isinstance(step, Answer):
                self._assistant.chats.finish(self.turn.id, step)
            elif isinstance(step, Found):
                self.searched = True
            else:
                self.place = 0
                self.citations += step.citations
                self.verdicts += (step.verdict,)
            self._tell()

    def _failed(self, problem: NutgrafError) -> None:
        # Its chat may be gone by now, and its answer may have been kept before it failed.
        with suppress(NutgrafError):
            self._assistant.chats.finish(self.turn.id, problem)
        super()._failed(problem)

    def _wait(self, place: int) -> None:
        self.place = place
        self._tell()
