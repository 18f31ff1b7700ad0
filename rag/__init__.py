"""nutgraf: answers from your own news archive, every sentence quoted, cited and checked."""

from __future__ import annotations

import os

# Before any dependency reads it: nothing is told to anybody.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# A download over plain HTTP stops when it is told to.
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")

from rag.archive import Chats, Removed, Sort, archive_exists
from rag.assistant import Assistant
from rag.contract import answer_json, parse_answer
from rag.doctor import Finding, diagnose
from rag.errors import (
    ArchiveCorrupt,
    ArchiveEmpty,
    ArchiveError,
    ArchiveLocked,
    ArticleUnknown,
    ArticleUnreadable,
    ChatUnknown,
    GenerationFailed,
    IndexOutdated,
    InputError,
    ModelCorrupt,
    ModelError,
    ModelMissing,
    NutgrafError,
    QuestionInvalid,
    SettingsInvalid,
)
from rag.feedback import write_cases
from rag.models.loading import arithmetic
from rag.models.offering import Memory, Offer, download, memory, network_barred, offers
from rag.privacy import Leaving, leaving
from rag.progress import Done
from rag.reading import FORMATS, Address, Upload, read
from rag.search.chunking import sentence_changes
from rag.search.retrieve import Order
from rag.settings import Settings, changed, fixed_by, keep, load
from rag.sharing import Form, share_answer, share_chat
from rag.types import (
    Answer,
    Article,
    Chat,
    Citation,
    Evidence,
    Exchange,
    FacetCount,
    Facets,
    Feedback,
    Found,
    Hit,
    IngestReport,
    Passage,
    Problem,
    PublishedDate,
    Question,
    Refusal,
    Rejection,
    Said,
    Status,
    Step,
    Suggestion,
    Support,
    Trace,
    Transcript,
    Turn,
    Verdict,
)

__all__ = [
    "FORMATS",
    "Address",
    "Answer",
    "ArchiveCorrupt",
    "ArchiveEmpty",
    "ArchiveError",
    "ArchiveLocked",
    "Article",
    "ArticleUnknown",
    "ArticleUnreadable",
    "Assistant",
    "Chat",
    "ChatUnknown",
    "Chats",
    "Citation",
    "Done",
    "Evidence",
    "Exchange",
    "FacetCount",
    "Facets",
    "Feedback",
    "Finding",
    "Form",
    "Found",
    "GenerationFailed",
    "Hit",
    "IndexOutdated",
    "IngestReport",
    "InputError",
    "Leaving",
    "Memory",
    "ModelCorrupt",
    "ModelError",
    "ModelMissing",
    "NutgrafError",
    "Offer",
    "Order",
    "Passage",
    "Problem",
    "PublishedDate",
    "Question",
    "QuestionInvalid",
    "Refusal",
    "Rejection",
    "Removed",
    "Said",
    "Settings",
    "SettingsInvalid",
    "Sort",
    "Status",
    "Step",
    "Suggestion",
    "Support",
    "Trace",
    "Transcript",
    "Turn",
    "Upload",
    "Verdict",
    "answer_json",
    "archive_exists",
    "arithmetic",
    "changed",
    "diagnose",
    "download",
    "fixed_by",
    "keep",
    "leaving",
    "load",
    "memory",
    "network_barred",
    "offers",
    "parse_answer",
    "read",
    "sentence_changes",
    "share_answer",
    "share_chat",
    "write_cases",
]
