"""nutgraf: answers from your own news archive, every sentence quoted, cited and checked."""

from __future__ import annotations

import os

# Before any dependency reads it: nothing is told to anybody.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# A download over plain HTTP stops when it is told to.
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")

from rag.archive import Chats, Removed, Sort
from rag.assistant import Assistant
from rag.chats import Chat, Feedback, Problem, Transcript, Turn
from rag.contract import answer_json
from rag.doctor import Finding
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
from rag.facets import FacetCount, Facets
from rag.feedback import write_cases
from rag.models.loading import arithmetic
from rag.models.offering import Memory, Offer, download, memory, network_barred, offers
from rag.opening import examine, exists
from rag.privacy import Leaving, leaving
from rag.progress import Done
from rag.reading import FORMATS, Address, Upload, read
from rag.reports import IngestReport, Rejection
from rag.restoring import parse_answer
from rag.search.changes import sentence_changes
from rag.search.retrieval import Order
from rag.settings import Settings, changed, fixed_by, keep, load
from rag.sharing import Form, share_answer, share_chat
from rag.types import (
    Answer,
    Article,
    Citation,
    Evidence,
    Exchange,
    Found,
    Hit,
    Passage,
    PublishedDate,
    Question,
    Refusal,
    Said,
    Status,
    Step,
    Suggestion,
    Support,
    Trace,
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
    "arithmetic",
    "changed",
    "download",
    "examine",
    "exists",
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
