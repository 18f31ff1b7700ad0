"""The models that can be chosen, and what each asks of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import psutil

from rag.models import hub
from rag.models import weights as models
from rag.models.catalogue import Model
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

    `repository` is where it can be downloaded, "" for one that comes with nutgraf; `file` is its weights there. Of a
    judge whose encoder is not here, they and `size_bytes` are the encoder's.
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
    return tuple(_offer(*row) for row in models.listing())


def _offer(model: Model, place: models.Located | None) -> Offer:
    got = model if place else models.brought(model)
    return Offer(
        id=model.id,
        role=model.role,
        licence=model.licence,
        size_bytes=got.size_bytes,
        ram_bytes=model.ram_bytes,
        origin=place.origin if place else "",
        repository=got.repository,
        file=got.weights if got.repository else "",
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
