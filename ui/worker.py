"""Answer a question in a thread of its own, so that no click and no rerun of the page breaks it off."""

from __future__ import annotations

import logging
import threading

from rag import Answer, Assistant, Citation, Found, NutgrafError, Question, Verdict

_log = logging.getLogger(__name__)


class Job:
    """One question under way. The page reads the attributes at any time; only the thread writes them."""

    def __init__(self, assistant: Assistant, question: Question) -> None:
        self.question = question
        self.searched = False
        self.place = 0
        self.verdicts: tuple[Verdict, ...] = ()
        self.citations: tuple[Citation, ...] = ()
        self.answer: Answer | None = None
        self.problem: NutgrafError | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(assistant,), name="answer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the reader to stop; what was checked so far stays."""
        self._stopped.set()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        return self._stopped.is_set()

    def _run(self, assistant: Assistant) -> None:
        try:
            for step in assistant.stream(self.question, self._stopped.is_set, self._wait):
                if isinstance(step, Answer):
                    self.answer = step
                elif isinstance(step, Found):
                    self.searched = True
                else:
                    self.place = 0
                    self.citations += step.citations
                    self.verdicts += (step.verdict,)
        except NutgrafError as error:
            self.problem = error
        except Exception:  # noqa: BLE001
            # The last resort: a dead thread would leave the page waiting for ever.
            _log.exception("the answer broke off")
            self.problem = NutgrafError("the answer broke off unexpectedly", "ask again; the log has the details")

    def _wait(self, place: int) -> None:
        self.place = place
