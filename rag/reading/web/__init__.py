"""Reading from the network: what is allowed, and what comes back. `crawl` fetches, behind the `guard`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version

from rag.reading.draft import Draft

# The product token for robots.txt.
ROBOT = "nutgraf"


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits on what may be fetched.

    allow_private:    also read from private and loopback addresses, as on an intranet
    offline:          refuse before any name is resolved
    max_bytes:        size limit of a page, both compressed and uncompressed
    seconds:          time limit of a page, its redirects included, from the first request to the last byte
    connect_seconds:  time limit for connecting to one address
    redirects:        limit on the redirects of a page
    pages:            limit on the pages of one feed or sitemap
    delay_seconds:    pause between two pages of one host; a longer Crawl-delay in its robots.txt is used instead
    max_wait_seconds: longest Crawl-delay or Retry-After that is obeyed
    """

    allow_private: bool = False
    offline: bool = False
    max_bytes: int = 20_000_000
    seconds: float = 30.0
    connect_seconds: float = 10.0
    redirects: int = 5
    pages: int = 1_000
    delay_seconds: float = 0.5
    max_wait_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page; `address` is the one after all redirects.

    `media_type` is in lower case, '' if the server sent none; `charset` is what the server claims. `hint` is what the
    feed or sitemap says of a page of its own site; its `told_by["text"]` is set where `content` is the feed's own copy
    of the text. Such a copy of another site's page, or of none, is the feed's: `address` is `FEED#LINK`.
    """

    address: str
    media_type: str
    charset: str | None
    content: bytes
    hint: Draft | None = None


@lru_cache(maxsize=1)
def user_agent() -> str:
    """Return the User-Agent header of every request."""
    return f"{ROBOT}/{version('nutgraf')} (+reads news pages into their reader's own private archive)"
