"""Work under way: begun once for all tabs, found again in each of them, and shown until it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.background import Background

_beginning = threading.Lock()
_Kind = TypeVar("_Kind", bound=Background)


class Watched(NamedTuple):
    """A piece of work, the place on the page where it is shown, and what draws it there."""

    work: Background
    place: DeltaGenerator
    draw: Callable[[], None]


@st.cache_resource(show_spinner=False)
def board() -> dict[str, Background]:
    """Work that a tab began, by what it does: another tab, and the same one after a reload, go on showing it."""
    return {}


def find(key: str, kind: type[_Kind]) -> _Kind | None:
    """What runs under `key`, or ended there and was not put away."""
    work = board().get(key)
    return work if isinstance(work, kind) else None


def begin(key: str, work: Background) -> bool:
    """Start `work` for all tabs to find under `key`; False where something else runs there: it is not started.

    What has ended of its kind is forgotten. Of other kinds an end is still to be told on their pages.
    """
    every = board()
    with _beginning:
        before = every.get(key)
        if before is not None and before.running:
            return False
        for name in [name for name, one in tuple(every.items()) if type(one) is type(work) and one.ended]:
            every.pop(name, None)
        # It runs before anybody finds it: what does not run has ended.
        work.start()
        every[key] = work
    return True


def put_away(key: str, work: Background) -> None:
    """Show `work` no more; if it runs, it goes on to its end. What another tab began under `key` since then stays."""
    with _beginning:
        if board().get(key) is work:
            board().pop(key)


def follow(watched: Sequence[Watched]) -> None:
    """Show running work at each change; when it has ended, run the whole page once more."""
    while running := [one for one in watched if one.work.running]:
        for one in running:
            with one.place.container():
                one.draw()
        running[0].work.wait(1.0)
    if watched:
        st.rerun()
