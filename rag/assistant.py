"""The product without a face: open an archive, put articles in, ask it questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from embeddings import Encoder, Judge
from rag.answer import check, compose
from rag.answer import question as questions
from rag.answer.suggest import suggest
from rag.archive import ArchiveLock, Chats, Removed, Sort, Store, export, filters
from rag.archive.database import disk_bytes, prepare_folder
from rag.archive.filters import STORIES
from rag.errors import ArchiveEmpty, QuestionInvalid
from rag.models.loaded import Models
from rag.models.reader import Reader
from rag.progress import Progress, ignore
from rag.reading import Item, Policy
from rag.search import ingest, rebuild, retrieve
from rag.search.embed import check_encoder
from rag.search.indexes import Indexes
from rag.search.ingest import Import, Ingest, Noted
from rag.settings import Settings
from rag.types import Answer, Article, Facets, Hit, IngestReport, Question, Status, Step, Suggestion, Support


class Assistant:
    """One archive with its models. Every method may be called from any thread.

    The models are loaded when first needed; `warm` loads them beforehand. `chats` keeps conversations.
    """

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder | None = None,
        judge: Judge | None = None,
        reader: Reader | None = None,
        rebuilding: Progress = ignore,
    ) -> None:
        """Open the archive in `settings.archive`, or begin one there.

        `rebuilding` is told how far it is whenever an index has to be built again. Raises: ArchiveError.
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
        """Close the database. The assistant cannot be used after that."""
        self._store.close()

    @property
    def settings(self) -> Settings:
        """Those in use: what `use` was last given."""
        return self._models.settings

    def warm(self) -> None:
        """Load all models. Raises: ModelError."""
        self._models.warm()

    def use(self, settings: Settings, progress: Progress = ignore) -> None:
        """Take other settings, with the models they name; a question under way ends as it began.

        Articles that must be cut or encoded anew for them are so first; `progress` counts them, and questions are
        answered as before until all are. Where anything fails, nothing has changed.
        Raises: SettingsInvalid, for another archive; ModelError, ArchiveError.
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
        """Read every article at or under `items` into the archive; what cannot be read is a line in the report.

        Only an `Address` among `items` asks anything of the network.

        `progress` counts articles; `noted` is told of each as soon as it is read, or why it was not. An ingest that is
        interrupted, or asked to end by `stopped()`, keeps what it had done, and goes on from there when it is called
        again. Raises: ArchiveError, ModelError.
        """
        with self._lock.hold("adding articles"):
            words = self.settings.passage_words
            policy = Policy(allow_private=self.settings.allow_private, offline=self.settings.offline)
            run = Ingest(self._store, self._indexes, self._models.encoder, words, policy)
            return run.run(items, progress, stopped, noted)

    def articles(self, titled: str = "", limit: int = -1, skip: int = 0, sort: Sort = "id") -> tuple[Article, ...]:
        """At most `limit` articles, -1 for all, after the first `skip`, whose titles hold `titled` in any case."""
        return self._store.articles(titled, limit, skip, sort)

    def find(self, words: str, limit: int) -> tuple[str, ...]:
        """The ids of the `limit` articles that `words` fit best, in title or text, best first. Raises: ArchiveError."""
        return retrieve.find(words, limit, self._indexes, self._store)

    def count(self, titled: str = "") -> int:
        """How many articles there are whose titles hold `titled` in any case."""
        return self._store.count_articles(titled)

    def article(self, article_id: str) -> Article:
        """One article. Raises: ArticleUnknown."""
        return self._store.article(article_id)

    def remove(self, article_id: str) -> Removed:
        """Remove an article and all that is derived from it; give what `put_back` takes.

        Raises: ArticleUnknown, ArchiveLocked.
        """
        with self._lock.hold(f"removing {article_id}"):
            return ingest.remove(article_id, self._store, self._indexes)

    def put_back(self, removed: Removed) -> None:
        """Undo a removal: the article is there as it was. Raises: InputError, IndexOutdated, ArchiveLocked."""
        with self._lock.hold(f"putting {removed.article.id} back"):
            ingest.put_back(removed, self._store, self._indexes)

    def versions(self, article_id: str) -> tuple[Article, ...]:
        """The texts that an article had before its present one, the oldest first. Raises: ArticleUnknown."""
        return self._store.versions(article_id)

    def same_story(self, article_id: str) -> tuple[Article, ...]:
        """Return the near-duplicates of an article, itself included; () if there are none."""
        story = self._store.stories([article_id]).get(article_id)
        return self._store.story_articles(story) if story else ()

    def export(self, file: BinaryIO, progress: Progress = ignore) -> int:
        """Write every article with its versions and vectors as JSON Lines; return how many.

        Raises: OSError, ArchiveCorrupt, naming an article that is not what was read.
        """
        return export.export(self._store, file, progress)

    def import_(self, file: BinaryIO, progress: Progress = ignore) -> IngestReport:
        """Put in what `export` wrote. Raises: ArticleUnreadable, naming the line, ArchiveError, ModelError."""
        with self._lock.hold("importing articles"):
            return Import(self._store, self._indexes, self._models.encoder, self.settings.passage_words).run(
                file, progress
            )

    def convert(self, progress: Progress = ignore, *, again: bool = False) -> int:
        """Cut and encode every article as the settings now say; return how many that took, 0 where they are so.

        An interrupted conversion changes nothing and is gone on with. Raises: ArchiveError, ModelError.
        """
        with self._lock.hold("converting the archive"):
            words = self.settings.passage_words
            return rebuild.convert(self._store, self._indexes, self._models.encoder(), words, progress, again=again)

    def rebuild(self) -> None:
        """Build both indexes again from the database, whatever is on the disk. Raises: ArchiveError."""
        with self._lock.hold("building the indexes again"):
            self._indexes.rebuild()

    def status(self) -> Status:
        """What the archive holds; loads no model."""
        articles, passages = self._store.count()
        return Status(
            archive=str(self.settings.archive),
            articles=articles,
            passages=passages,
            sources=self._store.sources(),
            disk_bytes=disk_bytes(self.settings.archive),
            encoder=self.settings.encoder,
            judge=self.settings.judge,
            reader=self.settings.reader,
            stored_encoder=self._store.setting("encoder"),
        )

    def search(self, question: Question, count: int, order: retrieve.Order = "fused") -> tuple[Hit, ...]:
        """The `count` best passages, best first, without an answer; `order` names another way to rank, for measuring.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        return self._search(question, self._models, count, order)

    def _search(
        self, question: Question, models: Models, count: int, order: retrieve.Order = "fused"
    ) -> tuple[Hit, ...]:
        questions.validate(question, self._store)
        if not self.count():
            raise ArchiveEmpty(
                f"the archive {self.settings.archive} has no article",
                "add some in the Library, or: nutgraf ingest PATH",
            )
        encoder = models.encoder()
        check_encoder(self._store, encoder)
        return retrieve.retrieve(question, self._indexes.current(), self._store, encoder, count, order)

    def facets(self, question: Question, skip: int = 0, limit: int = STORIES) -> Facets:
        """How many articles each filter would leave beside the question's others; its text counts for nothing.

        Of the stories there are at most `limit`, after the first `skip`. Raises: QuestionInvalid, ArchiveError.
        """
        filters.validate_filters(question, self._store)
        return filters.facets(question, self._store, skip, limit)

    def ask(self, question: Question) -> Answer:
        """Answer from the archive, or refuse with a reason.

        Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        return compose.last(self.stream(question))

    def stream(
        self,
        question: Question,
        stopped: Callable[[], bool] = lambda: False,
        waiting: Callable[[int], None] = lambda _place: None,
    ) -> Iterator[Step]:
        """Yield what was found, then each sentence as soon as it is checked, then the whole answer.

        `stopped()` is asked often and ends the reading early; `waiting(place)` is told when others are served
        first. Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        began = time.perf_counter()
        questions.validate(question, self._store)
        # Taken once: whoever calls `use` meanwhile changes nothing for this question.
        models = self._models
        # The last reading has the earlier question, too: the search must find what both are about.
        text = questions.readings(question)[-1]
        hits = self._search(replace(question, text=text), models, question.passages or models.settings.passages)
        outside = filters.explain_empty(question, self._store) if question.narrowed and not hits else ""
        yield from compose.stream(question, hits, models, models.settings, began, stopped, waiting, outside)

    def read(self, question: Question, articles: Sequence[Article]) -> Answer:
        """Answer from `articles` alone, read whole, in the archive or not. Raises: QuestionInvalid, ModelError."""
        began = time.perf_counter()
        questions.validate(question, self._store)
        if question.narrowed:
            raise QuestionInvalid(
                "filters narrow the archive, and articles were given to read", "give only those wanted"
            )
        models = self._models
        hits = tuple(retrieve.whole(articles, models.settings.passage_words))
        return compose.last(compose.stream(question, hits, models, models.settings, began))

    def suggestions(
        self,
        count: int = 4,
        stopped: Callable[[], bool] = lambda: False,
        inside: Question = Question(""),  # noqa: B008
    ) -> Iterator[Suggestion]:
        """Yield at most `count` questions that the archive answers, each as soon as that has been checked.

        They are made from headlines. `inside`: only of articles inside its filters; its text counts for nothing.
        `stopped()` is asked before each is checked. Raises: QuestionInvalid, ArchiveError, ModelError.
        """
        filters.validate_filters(inside, self._store)
        yield from suggest(inside, count, self._store, self.ask, stopped)

    def check(self, claim: str, evidence: str) -> Support:
        """Whether `evidence` supports `claim`, as every sentence of an answer is checked. Raises: ModelError."""
        models = self._models
        return check.supports(claim, evidence, models.judge(), models.claim_encoder())
