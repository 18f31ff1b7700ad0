"""Read from the network, guarded: one address gives a page, or the pages of a feed or a sitemap.

It only fetches and finds; what a page says is read elsewhere.
"""

from rag.reading.policy import Page, Policy
from rag.reading.web.gathering import gather
from rag.reading.web.guard import Network

__all__ = ["Network", "Page", "Policy", "gather"]
