"""nutgraf: answers from your own news archive, every sentence quoted, cited and checked."""

from __future__ import annotations

import os

# Set before any dependency reads them: no usage statistics are sent,
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# and downloads use plain HTTP, which can be cancelled.
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")

from rag.answer.question import parse_day
from rag.archive import Chats, Removed, Sort, archive_exists
from rag.assistant import Assistant
from rag.contract import answer_json
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
from rag.marks import quoted
from rag.models.loaded import (
    AUTO_JUDGE,
    MachineMemory,
    ModelOffer,
    available_models,
    choose_judge,
    compute_dtype,
    download_model,
    machine_memory,
    offline_reason,
)
from rag.privacy import OutgoingTraffic, outgoing_traffic
from rag.private_files import atomic_write, make_folder
from rag.progress import Done
from rag.reading import FORMATS, Address, Upload
from rag.reading import read as read_articles
from rag.reading.draft import is_intact
from rag.search.chunking import sentence_changes
from rag.search.retrieve import Order
from rag.settings import Settings, load_settings, overridden_by, save_settings, with_changes
from rag.share import Form, Told, export_feedback, share_answer, share_chat, told
from rag.spreadsheet import Table, comparison_table, sweep_table, table_bytes, timeline_table
from rag.stored import Held, parse_answer
from rag.surveys import Comparison, Event, Piece, PieceKind, Survey, SurveyKind, Sweep, Timeline
from rag.turns import Chat, Feedback, Problem, Transcript, Turn
from rag.types import (
    Answer,
    Article,
    Citation,
    Evidence,
    Exchange,
    FacetCount,
    Facets,
    Found,
    Hit,
    IngestReport,
    Mode,
    Passage,
    PublishedDate,
    Question,
    Refusal,
    Rejection,
    Said,
    Status,
    Step,
    Suggestion,
    Support,
    Testimony,
    Trace,
    Verdict,
)

__all__ = [
    "AUTO_JUDGE",
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
    "Comparison",
    "Done",
    "Event",
    "Evidence",
    "Exchange",
    "FacetCount",
    "Facets",
    "Feedback",
    "Finding",
    "Form",
    "Found",
    "GenerationFailed",
    "Held",
    "Hit",
    "IndexOutdated",
    "IngestReport",
    "InputError",
    "MachineMemory",
    "Mode",
    "ModelCorrupt",
    "ModelError",
    "ModelMissing",
    "ModelOffer",
    "NutgrafError",
    "Order",
    "OutgoingTraffic",
    "Passage",
    "Piece",
    "PieceKind",
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
    "Survey",
    "SurveyKind",
    "Sweep",
    "Table",
    "Testimony",
    "Timeline",
    "Told",
    "Trace",
    "Transcript",
    "Turn",
    "Upload",
    "Verdict",
    "answer_json",
    "archive_exists",
    "atomic_write",
    "available_models",
    "choose_judge",
    "comparison_table",
    "compute_dtype",
    "diagnose",
    "download_model",
    "export_feedback",
    "is_intact",
    "load_settings",
    "machine_memory",
    "make_folder",
    "offline_reason",
    "outgoing_traffic",
    "overridden_by",
    "parse_answer",
    "parse_day",
    "quoted",
    "read_articles",
    "save_settings",
    "sentence_changes",
    "share_answer",
    "share_chat",
    "sweep_table",
    "table_bytes",
    "timeline_table",
    "told",
    "with_changes",
]
