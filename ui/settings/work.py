"""What the Settings page sets going: other settings, a download, an archive encoded anew."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from rag import Assistant, Done, NutgrafError, download_model, save_settings, with_changes
from ui.background import Background


class Change(Background):
    """One change under way, of which there is one at a time. `doing` and `done` are words of ours, `name` anybody's."""

    doing = ""
    done = ""
    things = ""
    again = "Begin it again: it goes on where it stopped."

    def __init__(self, assistant: Assistant, name: str = "") -> None:
        super().__init__("settings")
        self.name = name
        self.share = 0.0
        self.count = 0
        self._assistant = assistant

    @abstractmethod
    def _work(self) -> None: ...

    def _progress(self, done: Done) -> None:
        if self.stopping:
            raise NutgrafError("This was stopped, and nothing has changed.", self.again)
        self.share, self.count = done
        self._tell()


class Switch(Change):
    """Take other settings, and keep them."""

    doing = "Loading what is needed; until then the old settings serve …"
    done = "In use now, and kept for the next time."
    things = "articles encoded anew"

    def __init__(self, assistant: Assistant, changes: Mapping[str, object], name: str = "") -> None:
        super().__init__(assistant, name)
        self._changes = changes

    def _work(self) -> None:
        wanted = with_changes(self._assistant.settings, self._changes)
        self._assistant.use(wanted, self._progress)
        try:
            save_settings(wanted.home, self._changes)
        except NutgrafError as error:
            message = f"In use until the chat ends, but not kept: {error.message}"
            raise NutgrafError(message, error.hint) from error


class Download(Change):
    """Get a model from Hugging Face."""

    doing = "Downloading …"
    done = "Downloaded and checked. It can be chosen now."
    things = "MB"
    again = "Begin it again: the files that were whole are not fetched twice."

    def _work(self) -> None:
        download_model(self.name, self._assistant.settings, self._progress)


class Conversion(Change):
    """Cut and encode every article that is not as the settings say."""

    doing = "Encoding the articles anew …"
    done = "Every article is cut and encoded as the settings say."
    things = "articles"

    def _work(self) -> None:
        self._assistant.convert(self._progress)
