"""What the benchmark prints, and writes into a document between its markers."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from rag import InputError, compute_dtype

_BEGIN, _END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Table:
    """A title that says what was measured and in which unit, the names of the columns, and the rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Table:
        """The table that `dataclasses.asdict` made `told` of, also where that was JSON since."""
        return cls(told["title"], tuple(told["columns"]), tuple(map(tuple, told["rows"])))

    def markdown(self) -> str:
        lines = (("", *self.columns), ("---", *("---:" for _ in self.columns)), *self.rows)
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)]) + "\n"


def percentiles(seconds: Sequence[float]) -> tuple[str, str, str]:
    """p50, p95 and p99 in milliseconds."""
    p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1000
    return f"{p50:.1f}", f"{p95:.1f}", f"{p99:.1f}"


def ratio(first: Sequence[float], second: Sequence[float]) -> str:
    """The median of `first` over `second`, pair by pair, and the least and the most."""
    ratios = np.array(first) / np.array(second)
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"


def machine() -> str:
    """Cores, whether they multiply bfloat16, and memory."""
    bfloat16 = "yes" if compute_dtype() == "bfloat16" else "no"
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), bfloat16 in hardware: {bfloat16}, "
        f"{memory:.0f} GiB, load {load:.1f} at the start"
    )


def check(path: Path) -> str:
    """The text of a document that tables can be written into. Raises: InputError."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "name a document to --write into") from error
    if content.count(_BEGIN) != 1 or content.count(_END) != 1 or content.index(_BEGIN) > content.index(_END):
        raise InputError(f"{path} lacks its markers", f"it must hold {_BEGIN} and, after it, {_END}, once each")
    return content


def write(path: Path, text: str) -> None:
    """Put `text` between the markers of `path`. Raises: InputError."""
    content = check(path)
    before, after = content[: content.index(_BEGIN)], content[content.index(_END) :]
    try:
        path.write_text(f"{before}{_BEGIN}\n\n{text}\n{after}", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}", "name another --write") from error
