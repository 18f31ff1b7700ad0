"""What a reading from the network may do, and what it brings back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version

from rag.reading.draft import Draft

# The product token that a robots.txt names.
ROBOT = "nutgraf"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be asked of the network, and how much.

    allow_private:   read from private and loopback addresses too, as on an intranet
    offline:         refuse before any name is looked up
    max_bytes:       the most bytes of a page, both as sent and unpacked
    seconds:         the most time for a page, its redirects included, from the first byte asked to the last read
    connect_seconds: the most time to connect to one address
    redirects:       the most redirects of a page
    pages:           the most pages of one feed or sitemap
    delay_seconds:   the pause between two pages of one host; a longer Crawl-delay of its robots.txt counts instead
    longest_wait_seconds: the most that a Crawl-delay or a Retry-After is obeyed
    """

    allow_private: bool = False
    offline: bool = False
    max_bytes: int = 20_000_000
    seconds: float = 30.0
    connect_seconds: float = 10.0
    redirects: int = 5
    pages: int = 1_000
    delay_seconds: float = 0.5
    longest_wait_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Page:
    """What stands at `address`, the one after all redirects.

    `media_type` is in lower case and '' where the server tells none; `charset` is as the server tells it, true or
    not. `hint` is what the feed or the sitemap tells of the page; its `told_by["text"]` is set where `content` is
    not the page but what the feed itself carries.
    """

    address: str
    media_type: str
    charset: str | None
    content: bytes
    hint: Draft | None = None


@lru_cache(maxsize=1)
def user_agent() -> str:
    """How every request names itself."""
    return f"{ROBOT}/{version('nutgraf')} (+reads news pages into their reader's own private archive)"
