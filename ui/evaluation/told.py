"""Read JSON that may be anything: what is of another kind than it should be counts as not there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def text(value: object) -> str:
    """A text or a number as text; "" for anything else."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def number(value: object) -> float | None:
    """A finite number."""
    found = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if found and isinstance(value, (int, float)) else None


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The texts of a list."""
    return [text(one) for one in value if text(one)] if isinstance(value, list) else []


def rows(value: object) -> list[list[Any]]:
    """The lists of a list."""
    return [one for one in value if isinstance(one, list)] if isinstance(value, list) else []
