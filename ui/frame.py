"""What every page stands in: the style, and the one place where an error becomes words on the page."""

from __future__ import annotations

from collections.abc import Callable

from rag import NutgrafError
from ui import safe


def framed(show: Callable[[], None]) -> Callable[[], None]:
    """The page that `show` draws, which says so where it cannot."""

    def page() -> None:
        safe.style()
        try:
            show()
        except NutgrafError as error:
            safe.alert(error.message, error.hint)

    return page
