"""What nutgraf sends over the network, and when, according to the settings and the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rag.models.loaded import available_models, offline_reason
from rag.reading.web import user_agent
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class OutgoingTraffic:
    """What is sent, to whom, and `when`: after which action of the user. `blocked_by` forbids it now, "" if nothing."""

    when: str
    to: str
    what: str
    blocked_by: str = ""


def outgoing_traffic(settings: Settings) -> tuple[OutgoingTraffic, ...]:
    """List everything that can leave this machine with these settings. Nothing else does, and nothing by itself."""
    reach = "private addresses too" if settings.allow_private else "never a private address"
    page = OutgoingTraffic(
        "You add an address in the Library, or pass one to nutgraf ingest",
        f"the host of that address, and of the pages that it lists; {reach}",
        f"the address, a request for robots.txt, and the name {user_agent()}; nothing from your archive",
        offline_reason(settings),
    )
    blocked_by = offline_reason(settings, hub_only=True)
    hub = os.environ.get("HF_ENDPOINT") or "Hugging Face"
    models = [
        OutgoingTraffic(
            f"You download {offer.id}",
            f"{hub} or, where that fails, the package index that pip uses" if offer.in_chunks else hub,
            f"a request for {offer.repository}/{offer.file} ({offer.size_bytes / 1e6:,.0f} MB come back)"
            f"{' and the small files beside it' if offer.role != 'reader' else ''}; the versions of Python and of the "
            f"download library{_token()}; nothing from your archive",
            blocked_by,
        )
        for offer in available_models()
        if offer.repository and not offer.origin
    ]
    other = OutgoingTraffic(
        "You download another model by its name",
        hub,
        f"a request for that name, and the same as above{_token()}; nothing from your archive",
        blocked_by,
    )
    return (page, *models, other)


def _token() -> str:
    """What huggingface_hub adds by itself if it has a token."""
    # Imported here: it takes a third of a second.
    from huggingface_hub import get_token

    return "; your Hugging Face token" if get_token() else ""
