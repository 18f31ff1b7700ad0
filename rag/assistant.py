"""The facade: open an archive, add articles, ask questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from embeddings import Encoder, Judge
from rag.answer import check, comparison, compose, sweep, timeline
from rag.answer import question as questions
from rag.answer.suggest import suggest
from rag.archive import ArchiveLock, Chats, Removed, Sort, Store, edits, export, filters
from rag.archive.database import disk_bytes, prepare_folder
from rag.archive.filters import STORIES
from rag.errors import ArchiveEmpty, QuestionInvalid
from rag.models.loaded import Models
from rag.models.reader import Reader
from rag.progress import Progress, ignore
from rag.reading import Item, Policy
from rag.search import ingest, rebuild, retrieve
from rag.search.copies import outlets_within
from rag.search.embed import check_encoder
from rag.search.indexes import Indexes
from rag.search.ingest import Import, Ingest, Noted
from rag.settings import Settings
from rag.surveys import Comparison, Survey, Sweep, Timeline
from rag.types import Answer, Article, Facets, Hit, IngestReport, Question, Status, Step, Suggestion, Support

# A follow-up is more likely about these than about others; the passages are enough to find so many articles.
_TOPIC_ARTICLES, _TOPIC_PASSAGES = 3, 9


class Assistant:
    """An archive and the models it is used with. Safe to use from several threads.

    Models are loaded when they are first needed, or by `warm`. `chats` stores conversations.
    """

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder | None = None,
        judge: Judge | None = None,
        reader: Reader | None = None,
        rebuilding: Progress = ignore,
    ) -> None:
        """Open the archive in `settings.archive`, creating it if needed.

        `rebuilding` reports progress whenever an index has to be rebuilt. Raises: ArchiveError.
        """
        self._store = Store(prepare_folder(settings.archive))
        self.chats = Chats(self._store.database)
        self._lock = ArchiveLock(settings.archive)
        self._indexes = Indexes(settings.archive, self._store, self._lock, rebuilding)
        self._models = Models(settings, encoder, judge, reader)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. The assistant cannot be used afterwards."""
        self._store.close()

    @property
    def settings(self) -> Settings:
        """The settings in use: those last given to `use`."""
        return self._models.settings

    def warm(self) -> None:
        """Load all models. Raises: ModelError."""
        self._models.warm()

    def use(self, settings: Settings, progress: Progress = ignore) -> None:
        """Switch to other settings and the models they name. In-flight questions keep the old settings.

        Articles are re-chunked and re-embedded first if the settings require it; until then questions are answered
        with the old ones. `progress` counts those articles. If anything fails, nothing changes.
        Raises: SettingsInvalid, if they name another archive; ModelError, ArchiveError.
        """
        self._models = rebuild.switch_settings(self._models, settings, self._store, self._indexes, self._lock, progress)

    def with_archive(self, archive: Path) -> Assistant:
        """Open another archive with the same models, creating it if needed. Raises: ArchiveError."""
        other = Assistant(replace(self.settings, archive=archive))
        other._models = self._models.with_settings(other.settings)
        return other

    def ingest(
        self,
        items: Iterable[Item],
        progress: Progress = ignore,
        stopped: Callable[[], bool] = lambda: False,
        noted: Noted = lambda _found: None,
    ) -> IngestReport:
        """Read every article at or under `items` into the archive. What cannot be read is a line in the report.

        Only an `Address` among `items` uses the network. `progress` counts articles; `noted` is called with each
        article as soon as it is read, or with its rejection. An ingest that is interrupted, or stopped by `stopped()`,
        keeps what it has done and can be resumed by calling it again. Raises: ArchiveError, ModelError.
        """
        with self._lock.hold("adding articles"):
            words = self.settings.passage_words
            policy = Policy(allow_private=self.settings.allow_private, offline=self.settings.offline)
            run = Ingest(self._store, self._indexes, self._models.encoder, words, policy)
            return run.run(items, progress, stopped, noted)

    def articles(
        self, titled: str = "", limit: int = -1, skip: int = 0, sort: Sort = "id", *, incomplete: bool = False
    ) -> tuple[Article, ...]:
        """List at most `limit` articles (-1: all) after the first `skip`.

        `titled` filters by title, ignoring case; `incomplete` leaves those without an outlet or a full day.
        """
        return self._store.articles(titled, limit, skip, sort, incomplete=incomplete)

    def find(self, words: str, limit: int) -> tuple[str, ...]:
        """Return the ids of the articles that match `words` best in title or text, best first. Raises: ArchiveError."""
        return retrieve.find(words, limit, self._indexes, self._store)

    def count(self, titled: str = "", *, incomplete: bool = False) -> int:
        """Count the articles. The filters are those of `articles`."""
        return self._store.count_articles(titled, incomplete=incomplete)

    def ids(self, titled: str = "", *, incomplete: bool = False) -> tuple[str, ...]:
        """List the ids of the articles. The filters are those of `articles`."""
        return self._store.article_ids(titled, incomplete=incomplete)

    def article(self, article_id: str) -> Article:
        """Raises: ArticleUnknown."""
        return self._store.article(article_id)

    def remove(self, article_id: str) -> Removed:
        """Remove an article and everything derived from it. Returns what `put_back` needs to undo that.

        Raises: ArticleUnknown, ArchiveLocked.
        """
        with self._lock.hold(f"removing {article_id}"):
            return ingest.remove(article_id, self._store, self._indexes)

    def put_back(self, removed: Removed) -> None:
        """Undo a removal. Raises: InputError, IndexOutdated, ArchiveLocked."""
        with self._lock.hold(f"putting {removed.article.id} back"):
            ingest.put_back(removed, self._store, self._indexes)

    def edit(self, article_ids: Sequence[str], changes: edits.Changes) -> Mapping[str, edits.Changes]:
        """Change what articles show as `title`, `source`, `published` or `author`, all or none.

        Returns what `undo_edit` needs. What was read is kept: it decides whether a file changed, and None as a value
        shows it again; "" shows nothing. Raises: ArticleUnknown, InputError, ArchiveLocked; ModelError, if a title
        changes.
        """
        return self._edit(dict.fromkeys(article_ids, changes))

    def undo_edit(self, before: Mapping[str, edits.Changes]) -> None:
        """Undo an edit, except in articles that were removed since. Raises: ArchiveLocked, ModelError."""
        self._edit({article_id: before[article_id] for article_id in self._store.article_ids() if article_id in before})

    def _edit(self, changes: Mapping[str, edits.Changes]) -> Mapping[str, edits.Changes]:
        with self._lock.hold("editing articles"):
            words = self.settings.passage_words
            return ingest.edit(changes, self._store, self._indexes, self._models.encoder, words)

    def preview_edit(self, article_ids: Sequence[str], changes: edits.Changes) -> Mapping[str, Mapping[str, int]]:
        """Count, by field, the values that an edit would replace, the most frequent first; "" is none.

        Raises: InputError.
        """
        return edits.preview(self._store, article_ids, changes)

    def outlets(self) -> tuple[edits.Outlet, ...]:
        """List the outlets, of most articles first; names that differ in case or in "The" are one, and a host."""
        return edits.outlets(self._store)

    def join_outlet(self, name: str, shown: str) -> int:
        """Show one outlet under the name of another, also when it is read again; return how many articles change.

        Raises: InputError, ArchiveLocked.
        """
        with self._lock.hold("joining outlets"):
            return ingest.change_outlet(lambda: edits.join(self._store, name, shown), self._store, self._indexes)

    def split_outlet(self, name: str) -> int:
        """Undo `join_outlet`; return how many articles change. Raises: InputError, ArchiveLocked."""
        with self._lock.hold("splitting outlets"):
            return ingest.change_outlet(lambda: edits.split(self._store, name), self._store, self._indexes)

    def versions(self, article_id: str) -> tuple[Article, ...]:
        """List the earlier versions of an article, oldest first. Raises: ArticleUnknown."""
        return self._store.versions(article_id)

    def same_story(self, article_id: str) -> tuple[Article, ...]:
        """Return the near-duplicates of an article, itself included; () if there are none."""
        story = self._store.stories([article_id]).get(article_id)
        return self._store.story_articles(story) if story else ()

    def export(self, file: BinaryIO, progress: Progress = ignore) -> int:
        """Write every article with its versions and vectors as JSON Lines. Returns the number of articles.

        Raises: OSError; ArchiveCorrupt, naming an article that was changed in the database.
        """
        return export.export(self._store, file, progress)

    def import_(self, file: BinaryIO, progress: Progress = ignore, *, replace: bool = False) -> IngestReport:
        """Add the output of `export`. Articles that are here with other content stay, unless they are to `replace` it.

        Raises: ArticleUnreadable, naming the line; ArchiveError, ModelError.
        """
        with self._lock.hold("importing articles"):
            run = Import(self._store, self._indexes, self._models.encoder, self.settings.passage_words)
            return run.run(file, progress, replace=replace)

    def convert(self, progress: Progress = ignore, *, again: bool = False) -> int:
        """Re-chunk and re-embed every article according to the settings. Returns the number of articles converted.

        Does nothing if they are up to date, unless `again` is set. An interrupted conversion changes nothing and can be
        resumed. Raises: ArchiveError, ModelError.
        """
        with self._lock.hold("converting the archive"):
            words = self.settings.passage_words
            return rebuild.convert(self._store, self._indexes, self._models.encoder(), words, progress, again=again)

    def rebuild(self) -> None:
        """Rebuild both indexes from the database. Raises: ArchiveError."""
        with self._lock.hold("rebuilding the indexes"):
            self._indexes.rebuild()

    def status(self) -> Status:
        """Describe the archive without loading a model."""
        articles, passages = self._store.count()
        return Status(
            archive=str(self.settings.archive),
            articles=articles,
            passages=passages,
            sources=tuple(one.name for one in self.outlets()),
            disk_bytes=disk_bytes(self.settings.archive),
            encoder=self.settings.encoder,
            judge=self._models.judge_name,
            judge_note=self._models.judge_note,
            reader=self.settings.reader,
            stored_encoder=self._store.setting("encoder"),
        )

    def search(self, question: Question, count: int, order: retrieve.Order = "fused") -> tuple[Hit, ...]:
        """Retrieve the `count` best passages, best first. `order` selects another ranking, for evaluation.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        questions.validate(question, self._store)
        return self._search(question, self._models, count, order)

    def _search(
        self, question: Question, models: Models, count: int, order: retrieve.Order = "fused"
    ) -> tuple[Hit, ...]:
        if not self.count():
            raise ArchiveEmpty(
                f"the archive {self.settings.archive} contains no articles",
                "add some in the Library, or: nutgraf ingest PATH",
            )
        encoder = models.encoder()
        check_encoder(self._store, encoder)
        return retrieve.retrieve(question, self._indexes.current(), self._store, encoder, count, order)

    def facets(self, question: Question, skip: int = 0, limit: int = STORIES) -> Facets:
        """Count the articles that each value of each filter would leave. The question's text is ignored.

        `skip` and `limit` page through the stories. Raises: QuestionInvalid, ArchiveError.
        """
        filters.validate_filters(question, self._store)
        return filters.facets(question, self._store, skip, limit)

    def ask(self, question: Question) -> Answer:
        """Answer from the archive, or refuse and say why.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        return compose.last(self.stream(question))

    def stream(
        self,
        question: Question,
        stopped: Callable[[], bool] = lambda: False,
        waiting: Callable[[int], None] = lambda _place: None,
    ) -> Iterator[Step]:
        """Yield the passages found, then each sentence as soon as it is checked, then the whole answer.

        `stopped()` is polled and ends the answer early; `waiting(place)` is called while other questions use the
        reader. Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        began = time.perf_counter()
        questions.validate(question, self._store)
        # Read once, so that a concurrent `use` does not affect this question.
        models = self._models
        # The last reading includes the earlier question: the search must find what both are about.
        text = questions.readings(question)[-1]
        # Outlets that the question compares are asked, and no others.
        named = () if question.sources or question.mode not in (None, "comparison") else self._compared(question)
        within = replace(question, text=text, sources=named or question.sources)
        hits = self._search(within, models, question.passages or models.settings.passages)
        outside = filters.explain_empty(question, self._store) if question.narrowed and not hits else ""
        on_topic = self._on_topic(question, models) if hits else ()
        outlets = outlets_within(question, self._store)
        yield from compose.stream(
            question, hits, models, models.settings, began, stopped, waiting, outside, on_topic, outlets, named
        )

    def _compared(self, question: Question) -> tuple[str, ...]:
        """The outlets that a question names; () if they are fewer than two."""
        named = questions.named_outlets(question, self._store)
        return named if len(named) > 1 else ()

    def _on_topic(self, question: Question, models: Models) -> tuple[str, ...]:
        """The articles nearest to the last answer of the conversation: those it quotes, and others of the story."""
        topic = questions.topic(question)
        hits = self._search(replace(question, text=topic, history=()), models, _TOPIC_PASSAGES) if topic else ()
        return tuple(dict.fromkeys(hit.article.id for hit in hits))[:_TOPIC_ARTICLES]

    def survey_for(self, question: Question) -> Survey | None:
        """Return the survey that a question plainly asks for; None if it asks for an answer, or for a mode of one.

        A comparison is of the outlets that the question names. Nothing is validated. Raises: ModelError.
        """
        kind = None if question.mode else self._models.modes().of(question.text).survey
        if kind is None:
            return None
        named = questions.named_outlets(question, self._store) if kind == "compare" else ()
        return Survey(kind, replace(question, history=(), passages=None, sources=named or question.sources))

    def find_all(
        self, question: Question, progress: Progress = ignore, stopped: Callable[[], bool] = lambda: False
    ) -> Sweep:
        """List every article that answers, not only the likeliest; `progress` counts the passages read.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        questions.validate(question, self._store)
        models = self._models
        hits = self._search(question, models, sweep.MAX_PASSAGES)
        articles = self._count_inside(question)
        outlets = outlets_within(question, self._store)
        return sweep.sweep(question, hits, articles, models, models.settings.caution, progress, stopped, outlets)

    def _count_inside(self, question: Question) -> int:
        """Count the articles inside the filters."""
        return self.facets(question).articles if question.narrowed else self.count()

    def timeline(
        self, question: Question, progress: Progress = ignore, stopped: Callable[[], bool] = lambda: False
    ) -> Timeline:
        """List the dated events of a topic, the question's text; `progress` counts the passages read.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        questions.validate(question, self._store)
        models = self._models
        hits = self._search(question, models, timeline.MAX_PASSAGES)
        articles = self._count_inside(question)
        outlets = outlets_within(question, self._store)
        return timeline.timeline(question, hits, articles, models, models.settings.caution, progress, stopped, outlets)

    def compare(
        self, question: Question, progress: Progress = ignore, stopped: Callable[[], bool] = lambda: False
    ) -> Comparison:
        """Compare what the outlets in `question.sources` tell of a topic; `progress` counts pairs of sentences.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        questions.validate(question, self._store)
        models = self._models
        hits = [
            (outlet, self._search(replace(question, sources=(outlet,)), models, comparison.MAX_PASSAGES))
            for outlet in filters.compared_outlets(question, self._store)
        ]
        return comparison.compare(question, hits, models, models.settings.caution, progress, stopped)

    def read(self, question: Question, articles: Sequence[Article]) -> Answer:
        """Answer from the whole text of `articles` instead of the archive. Raises: QuestionInvalid, ModelError."""
        began = time.perf_counter()
        questions.validate(question, self._store)
        if question.narrowed:
            raise QuestionInvalid("filters cannot be combined with given articles", "pass only the articles you want")
        models = self._models
        hits = tuple(retrieve.whole(articles, models.settings.passage_words))
        return compose.last(compose.stream(question, hits, models, models.settings, began))

    def suggestions(
        self,
        count: int = 4,
        stopped: Callable[[], bool] = lambda: False,
        inside: Question = Question(""),  # noqa: B008
    ) -> Iterator[Suggestion]:
        """Yield at most `count` questions, made from headlines, each after checking that the archive answers it.

        Only articles inside the filters of `inside` are used; its text is ignored. `stopped()` is polled before each
        question. Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        filters.validate_filters(inside, self._store)
        yield from suggest(inside, count, self._store, self.ask, stopped)

    def check(self, claim: str, evidence: str) -> Support:
        """Decide whether `evidence` supports `claim`. Raises: ModelError."""
        models = self._models
        return check.supports(claim, evidence, models.judge(), models.claim_encoder())
