"""Every error that nutgraf raises on purpose.

NutgrafError
├ InputError    ArticleUnreadable  QuestionInvalid  SettingsInvalid
├ ArchiveError  ArchiveEmpty  ArchiveLocked  ArchiveCorrupt  IndexOutdated  ArticleUnknown  ChatUnknown
└ ModelError    ModelMissing  ModelCorrupt  GenerationFailed
"""


class NutgrafError(Exception):
    """An error for people: `message` says what happened and names the value, `hint` says what to do. One line each."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InputError(NutgrafError):
    """The input cannot be used."""


class ArticleUnreadable(InputError):
    """A file holds no readable article."""


class QuestionInvalid(InputError):
    """A question is empty or too long, or one of its filters makes no sense."""


class SettingsInvalid(InputError):
    """A setting is unknown or out of range."""


class ArchiveError(NutgrafError):
    """The archive cannot be opened, read or written."""


class ArchiveEmpty(ArchiveError):
    """The archive has no articles."""


class ArchiveLocked(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveCorrupt(ArchiveError):
    """The archive's database is damaged or not a database."""


class ArticleUnknown(ArchiveError):
    """No article has that id."""


class ChatUnknown(ArchiveError):
    """No chat, or no turn of a chat, has that id."""


class IndexOutdated(ArchiveError):
    """The stored passages come from another encoder or chunking."""


class ModelError(NutgrafError):
    """A model cannot be found, trusted or run."""


class ModelMissing(ModelError):
    """The weights of a model are not on this machine."""


class ModelCorrupt(ModelError):
    """The weights of a model are damaged or not what was expected."""


class GenerationFailed(ModelError):
    """The reader failed while writing."""
