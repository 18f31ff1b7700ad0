"""Every error that nutgraf raises on purpose.

NutgrafError
├ InputError    ArticleUnreadable  QuestionInvalid  SettingsInvalid
├ ArchiveError  ArchiveEmpty  ArchiveLocked  ArchiveCorrupt  IndexOutdated  ArticleUnknown  ChatUnknown
└ ModelError    ModelMissing  ModelCorrupt  GenerationFailed
"""


class NutgrafError(Exception):
    """Say what went wrong, with which value, and what to do about it.

    `message` is one line that names the value; `hint` is one line that names the next step.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InputError(NutgrafError):
    """What the user gave cannot be used."""


class ArticleUnreadable(InputError):
    """A file is not an article that can be read."""


class QuestionInvalid(InputError):
    """A question is empty, too long, or narrowed by a value that makes no sense."""


class SettingsInvalid(InputError):
    """A setting is unknown or out of its range."""


class ArchiveError(NutgrafError):
    """The archive cannot do what was asked."""


class ArchiveEmpty(ArchiveError):
    """There is no article to search."""


class ArchiveLocked(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveCorrupt(ArchiveError):
    """The archive's database is damaged or is not one."""


class ArticleUnknown(ArchiveError):
    """No article has that id."""


class ChatUnknown(ArchiveError):
    """No chat has that id, or no question of one."""


class IndexOutdated(ArchiveError):
    """The stored vectors were made by another encoder or another chunking."""


class ModelError(NutgrafError):
    """A model cannot be found, trusted or run."""


class ModelMissing(ModelError):
    """No weights for a model are on this machine."""


class ModelCorrupt(ModelError):
    """A model's weights are not what they should be."""


class GenerationFailed(ModelError):
    """The reader broke off while it was writing."""
