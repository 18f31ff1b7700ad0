"""The models that can be chosen, and what each asks of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import psutil

from rag import hub, models
from rag.progress import Progress, ignore
from rag.settings import Settings, fixed_by

Fit = Literal["fits", "tight", "too large"]


class Memory(NamedTuple):
    """This machine's, in bytes; `free` is what could be had now without swapping."""

    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of the catalogue; `origin` is where this machine has it, "" where it has not.

    `repository` is where it can be downloaded, "" for one that comes with nutgraf; `file` is its weights there.
    """

    id: str
    role: str
    licence: str
    size_bytes: int
    ram_bytes: int
    origin: str
    repository: str
    file: str

    def fit(self, memory: Memory) -> Fit:
        """Whether it runs beside what runs now, if other programs make room, or not at all."""
        if self.ram_bytes <= memory.free:
            return "fits"
        return "tight" if self.ram_bytes <= memory.total // 2 else "too large"


def offers() -> tuple[Offer, ...]:
    """Every model of the catalogue that a setting may name. Nothing is hashed, so nothing is vouched for."""
    return tuple(
        Offer(
            model.id,
            model.role,
            model.licence,
            model.size_bytes,
            model.ram_bytes,
            place.origin if place else "",
            model.repository,
            model.weights if model.repository else "",
        )
        for model, place in models.listing()
        if model.role != "writer"
    )


def memory() -> Memory:
    """What this machine has, and what is free now."""
    found = psutil.virtual_memory()
    return Memory(found.total, found.available)


def download(name: str, settings: Settings, progress: Progress = ignore) -> str:
    """Download a model as `nutgraf models pull` does; return its role. `progress` counts megabytes.

    What `progress` raises breaks the download off. Raises: ModelError.
    """
    return models.pull(name, offline=settings.offline, progress=progress).model.role


def network_barred(settings: Settings, *, hub_only: bool = False) -> str:
    """What keeps this machine off the network: a variable, or the setting; "" where nothing does.

    With `hub_only` those count as well that keep only Hugging Face's tools off.
    """
    if settings.offline:
        return fixed_by("offline") or "the setting offline"
    return (hub.offline_variable() or "") if hub_only else ""
