"""An evaluation under way: how far it is, read off the cases that it keeps."""

from __future__ import annotations

import json
import time
from pathlib import Path

from rag import Settings
from ui.evaluation import told
from ui.evaluation.command import Command
from ui.evaluation.plans import Plan

KEY = "evaluation"
_CASES = "cases.jsonl"
_FIRST_ESTIMATE = 3


class Run(Command):
    """`done` of `plan.total` cases are kept, `earlier` of them from before it was gone on with."""

    def __init__(self, folder: Path, plan: Plan, settings: Settings) -> None:
        super().__init__(plan.arguments(folder), settings)
        self.folder = folder
        self.plan = plan
        self.question = ""
        self._kept: set[str] = set()
        self._read_to = 0
        self._first_at: float | None = None
        self._look()
        self.earlier, self._first_at = self.done, None

    @property
    def done(self) -> int:
        return min(len(self._kept), self.plan.total)

    @property
    def share(self) -> float:
        return self.done / self.plan.total if self.plan.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By the pace so far; None before there is one."""
        since = self.done - self.earlier
        if self._first_at is None or since < _FIRST_ESTIMATE:
            return None
        return (time.monotonic() - self._first_at) / (since - 1) * (self.plan.total - self.done)

    def _look(self) -> None:
        before = self.done
        try:
            with (self.folder / _CASES).open("rb") as lines:
                lines.seek(self._read_to)
                found = lines.read()
        except OSError:
            return
        whole = found.rpartition(b"\n")[0]
        self._read_to += len(whole) + 1 if whole else 0
        for line in whole.splitlines():
            self._keep(line)
        if self.done > before:
            self._first_at = self._first_at or time.monotonic()
            self._tell()

    def _keep(self, line: bytes) -> None:
        try:
            record = told.mapping(json.loads(line))
        except ValueError:
            return
        case = told.mapping(record.get("case"))
        self.question = told.text(case.get("question")) or self.question
        self._kept.add(told.text(record.get("id")))
