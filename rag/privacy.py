"""What would leave this machine, and when: read off the settings and the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rag.models.offering import network_barred, offers
from rag.reading.web import user_agent
from rag.settings import Settings

_HUB = "Hugging Face"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves, `when` the user does that; `barred` is what forbids it now, "" where nothing does."""

    when: str
    to: str
    what: str
    barred: str = ""


def leaving(settings: Settings) -> tuple[Leaving, ...]:
    """Everything that the settings in use let leave this machine. Nothing else does, and nothing of it unasked."""
    reach = "private addresses too" if settings.allow_private else "never a private address"
    page = Leaving(
        "You add an address in the Library, or give one to nutgraf ingest",
        f"the host of that address, and of the pages that it lists; {reach}",
        f"the address, a request for robots.txt, and the name {user_agent()}; nothing of your archive",
        network_barred(settings),
    )
    barred = network_barred(settings, hub_only=True)
    hub = os.environ.get("HF_ENDPOINT") or _HUB
    models = [
        Leaving(
            f"You download {offer.id}",
            hub,
            f"a request for {offer.repository}/{offer.file} ({offer.size_bytes / 1e6:,.0f} MB come back)"
            f"{' and the small files beside it' if offer.role != 'reader' else ''}; the versions of Python and of the "
            f"download program{_token()}; nothing of your archive",
            barred,
        )
        for offer in offers()
        if offer.repository and not offer.origin
    ]
    other = Leaving(
        "You download another model by its name",
        hub,
        f"a request for that name, and as above{_token()}; nothing of your archive",
        barred,
    )
    return (page, *models, other)


def _token() -> str:
    """What huggingface_hub adds by itself, where it has been given one."""
    # Imported here: it takes a third of a second.
    from huggingface_hub import get_token

    return "; your Hugging Face token" if get_token() else ""
