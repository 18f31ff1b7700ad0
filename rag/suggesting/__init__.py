"""Questions that the archive answers, made from its own articles: to show what may be asked.

Rules make them from sentences, and each is asked before it is shown; no reader takes part.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from rag.archive import Store, filters
from rag.errors import ArticleUnknown
from rag.models.loaded import Models
from rag.search import narrowing
from rag.settings import Settings
from rag.suggesting import asking, checking
from rag.suggesting.wording import Candidate
from rag.suggestions import Suggestion
from rag.types import Article, Hit, Question

# At most so many questions are asked for each that is wanted.
_ASKED_EACH = 8
# So many stories are read, and so many questions of one are asked before the next.
_MOST_ARTICLES = 200
_ASKED_AT_ONCE = 2
_MOST_RUNS = 8
# Of what is asked equally often so far, the first of these is asked first.
_KINDS = ("what", "how many", "said", "how much", "when", "why", "who", "where", "who is", "what is", "how old")


class Suggester:
    """Makes suggestions and remembers them while archive and settings stay as they are. Any thread may ask."""

    def __init__(
        self,
        store: Store,
        models: Callable[[], Models],
        search: Callable[[Question, int], tuple[Hit, ...]],
    ) -> None:
        """`models` are those in use; `search` gives the best passages for a question, so many of them."""
        self._store = store
        self._models = models
        self._search = search
        self._lock = threading.Lock()
        self._runs: dict[tuple[int, Settings, Question], _Run] = {}

    def suggest(self, inside: Question, count: int, stopped: Callable[[], bool]) -> Iterator[Suggestion]:
        """Yield at most `count` of them, each as soon as it is found; fewer after so many asked in vain."""
        run, most = self._run(replace(inside, text="", history=(), passages=None)), count * _ASKED_EACH
        given = 0
        while given < count:
            if given < len(run.found):
                suggestion, asked = run.found[given]
                if asked > most:
                    return
                yield suggestion
                given += 1
            elif run.ended or run.asked >= most or stopped():
                return
            else:
                run.step()

    def _run(self, inside: Question) -> _Run:
        """What was begun for this state of the archive, these settings and filters, else a new one."""
        key = (self._store.generation, self._models().settings, inside)
        with self._lock:
            run = self._runs.pop(key, None) or _Run(self._asked(inside))
            kept = [one for one in self._runs.items() if one[0][:2] == key[:2]][1 - _MOST_RUNS :]
            self._runs = dict([*kept, (key, run)])
            return run

    def _asked(self, inside: Question) -> Iterator[Suggestion | None]:
        """Yield after each question that was asked: it, or None where it is not to be shown.

        One of each article, then another of each, and of the kinds of questions the rarest first.
        """
        used: Counter[str] = Counter()
        left: dict[str, list[Candidate]] = {}
        for article in self._articles(inside):
            left[article.id] = list(asking.candidates(article))
            yield from self._of_one(left[article.id], inside, used)
        while any(left.values()):
            for candidates in left.values():
                yield from self._of_one(candidates, inside, used)

    def _articles(self, inside: Question) -> Iterator[Article]:
        chosen = narrowing.stored(inside, self._store)
        languages = None if chosen.languages is None else [one for one in chosen.languages if one == "en"]
        if languages == []:
            return
        for article_id in filters.foremost(self._store.database, chosen, _MOST_ARTICLES):
            try:
                article = self._store.article(article_id)
            except ArticleUnknown:
                # Removed since.
                continue
            if article.language in ("en", None):
                yield article

    def _of_one(self, candidates: list[Candidate], inside: Question, used: Counter[str]) -> Iterator[Suggestion | None]:
        """Ask the questions of an article, and take them out, until one is answered."""
        for _ in range(min(_ASKED_AT_ONCE, len(candidates))):
            candidate = min(candidates, key=lambda one: (used[one.kind], _KINDS.index(one.kind)))
            candidates.remove(candidate)
            if self._answered(candidate, inside):
                candidates[:] = [one for one in candidates if one.told.start != candidate.told.start]
                used[candidate.kind] += 1
                yield Suggestion(candidate.text, candidate.told.article.id)
                return
            yield None

    def _answered(self, candidate: Candidate, inside: Question) -> bool:
        article_id = candidate.told.article.id
        story = self._store.stories([article_id]).get(article_id)
        tellers = frozenset(one.id for one in self._store.tellers(story)) if story else frozenset[str]()

        models = self._models()

        def search(question: Question) -> tuple[Hit, ...]:
            return self._search(question, models.settings.passages)

        return checking.answered(candidate, inside, search, models.judge(), models.settings.caution, tellers)


class _Run:
    """Suggestions in the making, in their one order; `found` has each with how many were asked until then."""

    def __init__(self, steps: Iterator[Suggestion | None]) -> None:
        self._steps = steps
        self._lock = threading.Lock()
        self.found: list[tuple[Suggestion, int]] = []
        self.asked = 0
        self.ended = False

    def step(self) -> None:
        """Ask one more question."""
        with self._lock:
            try:
                found = next(self._steps)
            except StopIteration:
                self.ended = True
                return
            self.asked += 1
            if found:
                self.found.append((found, self.asked))
