"""Work under way on this page: begun once for all tabs, and shown until it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import shared
from ui.background import Background


class Watched(NamedTuple):
    """A piece of work, the place on the page where it is shown, and what draws it there."""

    work: Background
    place: DeltaGenerator
    draw: Callable[[], None]


def begin(key: str, work: Background) -> bool:
    """Start the work unless another of that key is under way, in whichever tab; say whether it was started."""
    all_work = shared.under_way()
    before = all_work.get(key)
    if before is not None and before.ended:
        all_work.pop(key, None)
    if all_work.setdefault(key, work) is not work:
        return False
    work.start()
    return True


def follow(watched: Sequence[Watched]) -> None:
    """Show running work at each change; when it has ended, run the whole page once more."""
    while running := [one for one in watched if one.work.running]:
        for one in running:
            with one.place.container():
                one.draw()
        running[0].work.wait(1.0)
    if watched:
        st.rerun()
