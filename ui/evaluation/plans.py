"""What an evaluation asks, of which archive: kept beside its cases, so that it can be gone on with on another day."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag import InputError
from ui.evaluation import told

FIXED, MARKED, FILE = "fixed", "marked", "file"
SETS = {FIXED: "the fixed set", MARKED: "questions marked bad", FILE: "a file of yours"}
_PLAN, _QUESTIONS = "plan.json", "questions.jsonl"
_STAMP = "%Y-%m-%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Plan:
    """`archive` is "" for the sample articles; `limit` 0 for all; `total` is how many will be asked; `at` is UTC."""

    of: str
    archive: str
    limit: int
    seed: int
    total: int
    at: str

    @property
    def words(self) -> str:
        """Which cases these are, in our own words."""
        drawn = f", {self.total} drawn by seed {self.seed}" if self.limit else ""
        return f"{SETS.get(self.of, 'a set')}{drawn}"

    def arguments(self, folder: Path) -> tuple[str, ...]:
        """The command that does it; the same one goes on with it."""
        cases = () if self.of == FIXED else (str(folder / _QUESTIONS),)
        archive = ("--archive", self.archive) if self.archive else ()
        limit = ("--limit", str(self.limit)) if self.limit else ()
        return ("run", *cases, "--report", str(folder), *archive, *limit, "--seed", str(self.seed))


def fixed_set() -> Path:
    """The file of the fixed set. Raises: InputError."""
    spec = importlib.util.find_spec("eval")
    for home in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(home) / "questions" / "seeds.jsonl"
        if file.is_file():
            return file
    raise InputError("the fixed set of questions is not installed", "start the chat from a checkout of nutgraf")


def count(cases: bytes) -> int:
    """How many cases stand in JSON Lines."""
    return sum(bool(line.strip()) for line in cases.splitlines())


def begin(reports: Path, of: str, archive: str, limit: int, seed: int, cases: bytes) -> tuple[Path, Plan]:
    """Make the folder of a new report, with its plan and its cases. Raises: InputError."""
    now = datetime.now(UTC)
    total = count(cases)
    plan = Plan(of, archive, limit if limit < total else 0, seed, min(limit or total, total), now.isoformat())
    try:
        folder = _new(reports, now.strftime(_STAMP))
        if of != FIXED:
            (folder / _QUESTIONS).write_bytes(cases)
        (folder / _PLAN).write_text(json.dumps(asdict(plan)), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{reports} cannot be written: {error.strerror or error}", "mend its permissions") from error
    return folder, plan


def read(folder: Path) -> Plan | None:
    """The plan of a report; None where there is none, or none that can be read."""
    try:
        found = told.mapping(json.loads((folder / _PLAN).read_text(encoding="utf-8")))
        return _plan(found)
    except (OSError, ValueError, KeyError):
        return None


def _plan(found: Mapping[str, Any]) -> Plan:
    of, archive, at = (str(found[name]) for name in ("of", "archive", "at"))
    limit, seed, total = (int(told.text(found[name])) for name in ("limit", "seed", "total"))
    datetime.fromisoformat(at)
    return Plan(of, archive, limit, seed, total, at)


def _new(reports: Path, name: str) -> Path:
    """A folder of that name, or of the next that is free."""
    reports.mkdir(parents=True, exist_ok=True)
    for place in range(1, 1000):
        folder = reports / (name if place == 1 else f"{name}-{place}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{name} is there a thousand times")
