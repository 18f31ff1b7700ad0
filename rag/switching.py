"""Change the settings of an open archive, and the models they name, without closing it."""

from __future__ import annotations

from rag.archive import Store
from rag.archive.lock import ArchiveLock
from rag.errors import SettingsInvalid
from rag.models.loaded import Models
from rag.progress import Progress
from rag.search import converting
from rag.search.indexes import Indexes
from rag.settings import Settings


def switch(
    old: Models, settings: Settings, store: Store, indexes: Indexes, lock: ArchiveLock, progress: Progress
) -> Models:
    """The models that `settings` name, over an archive that is cut and encoded as they ask.

    What they say as the old did is left alone; `progress` counts articles encoded anew.
    Raises: SettingsInvalid, ModelError, ArchiveError.
    """
    if settings.archive != old.settings.archive:
        raise SettingsInvalid(f"{settings.archive} is another archive", "open it instead")
    new = old.with_settings(settings)

    def differ(*names: str) -> bool:
        return any(getattr(settings, name) != getattr(old.settings, name) for name in names)

    # Loaded while the old still serve: one that cannot be loaded must not leave a page without any.
    if differ("encoder"):
        new.encoder()
    if differ("judge"):
        new.judge()
    if differ("reader", "context_tokens", "threads"):
        new.reader()
    if differ("encoder", "passage_words"):
        with lock.hold("encoding the articles anew"):
            converting.convert(store, indexes, new.encoder(), settings.passage_words, progress)
    return new
