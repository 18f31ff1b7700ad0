"""nutgraf: answers from your own news archive, every sentence quoted, cited and checked."""

from __future__ import annotations

import os

# Set before any dependency reads them: no usage statistics are sent,
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# and downloads use plain HTTP, which can be cancelled.
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
from rag.models.loaded import (
    MachineMemory,
    ModelOffer,
    available_models,
    compute_dtype,
    download_model,
    machine_memory,
    offline_reason,
)
from rag.opening import examine, exists
from rag.privacy import OutgoingTraffic, outgoing_traffic
from rag.progress import Done
from rag.reading import FORMATS, Address, Upload
from rag.reading import read as read_articles
from rag.reports import IngestReport, Rejection
from rag.restoring import parse_answer
from rag.search.changes import sentence_changes
from rag.search.retrieval import Order
from rag.settings import Settings, load_settings, overridden_by, save_settings, with_changes
from rag.share import Form, export_feedback, share_answer, share_chat
from rag.suggestions import Suggestion
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
    "MachineMemory",
    "ModelCorrupt",
    "ModelError",
    "ModelMissing",
    "ModelOffer",
    "NutgrafError",
    "Order",
    "OutgoingTraffic",
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
    "available_models",
    "compute_dtype",
    "download_model",
    "examine",
    "exists",
    "export_feedback",
    "load_settings",
    "machine_memory",
    "offline_reason",
    "outgoing_traffic",
    "overridden_by",
    "parse_answer",
    "read_articles",
    "save_settings",
    "sentence_changes",
    "share_answer",
    "share_chat",
    "with_changes",
]
