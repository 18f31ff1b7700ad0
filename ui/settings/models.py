"""The models: what is here, what fits, what can be had."""

from __future__ import annotations

import streamlit as st

from rag import Assistant, MachineMemory, ModelOffer, available_models, machine_memory, offline_reason
from ui import safe
from ui.settings import change
from ui.settings.work import Download, Switch

_ROLES = {
    "encoder": ("Encoder", "Finds the passages that a question means. Another one encodes every article anew."),
    "judge": ("Judge", "Says whether a sentence answers, and whether a source supports it."),
    "reader": ("Reader", "Writes: it cuts sentences down to what was asked."),
}
_FITS = {
    "fits": "fits into what is free now",
    "tight": "fits when other programs are closed",
    "too large": "too large for this machine",
}
_PLACES = {"package": "came with nutgraf", "nutgraf": "came with nutgraf", "hub cache": "downloaded", "": "not here"}


def show(assistant: Assistant) -> None:
    found, here = machine_memory(), available_models()
    st.header("Models")
    safe.line(
        f"This machine has {_gigabytes(found.total)} of memory, {_gigabytes(found.free)} of it free. "
        "While one model takes another's place, both are in memory.",
        "about",
    )
    for role, (name, about) in _ROLES.items():
        st.subheader(name)
        safe.line(about, "about")
        # What comes to a list moves nothing below it.
        with st.container():
            _choose(assistant, role, name, [offer for offer in here if offer.role == role], found)
    _other(assistant)


def _choose(assistant: Assistant, role: str, name: str, here: list[ModelOffer], found: MachineMemory) -> None:
    used = str(getattr(assistant.settings, role))
    ids = [offer.id for offer in here if offer.origin]
    used = next((one for one in ids if one.casefold() == used.casefold()), used)
    options = ids if used in ids else [used, *ids]
    change.why_fixed(role)
    chosen = st.selectbox(
        f"{name} in use", options, options.index(used), key=f"{role}-{used}", disabled=change.blocked(role)
    )
    if len(options) > 1 and st.button(f"Switch the {role}", disabled=change.blocked(role) or chosen == used):
        change.begin(Switch(assistant, {role: chosen}, chosen))
        st.rerun()
    for offer in here:
        if offer.origin:
            safe.line(_told(offer, found), "about")
    missing = [offer for offer in here if not offer.origin]
    if missing:
        with st.expander(f"{name}s that can be downloaded ({len(missing)})"):
            for offer in missing:
                _missing(assistant, offer, found)


def _missing(assistant: Assistant, offer: ModelOffer, found: MachineMemory) -> None:
    safe.heading(offer.id, _told(offer, found, named=False))
    barred = offline_reason(assistant.settings, hub_only=True)
    if st.button(f"Download {offer.id}", disabled=change.blocked() or bool(barred)):
        change.begin(Download(assistant, offer.id))
        st.rerun()
    if barred:
        safe.line(f"Not now: {barred} forbids the network.", "about")


def _other(assistant: Assistant) -> None:
    with st.expander("Another model"):
        given = st.text_input("A file or a folder on this machine, or owner/repository on Hugging Face")
        role = st.selectbox(
            "It is", list(_ROLES), format_func=lambda one: f"{'an' if one[0] in 'aeiou' else 'a'} {one}"
        )
        if st.button("Use it", disabled=change.blocked(role) or not given.strip()):
            change.begin(Switch(assistant, {role: given.strip()}, given.strip()))
            st.rerun()
        change.why_fixed(role)
        barred = offline_reason(assistant.settings, hub_only=True)
        if st.button("Download it", disabled=change.blocked() or bool(barred) or not given.strip()):
            change.begin(Download(assistant, given.strip()))
            st.rerun()


def _told(offer: ModelOffer, found: MachineMemory, *, named: bool = True) -> str:
    memory_wanted = f"needs {_gigabytes(offer.ram_bytes)} of memory: {_FITS[offer.fit(found)]}"
    size = f"{offer.size_bytes / 1e6:,.0f} MB"
    told = f"{size}, {memory_wanted} · {offer.licence} · {_PLACES[offer.origin]}"
    return f"{offer.id}: {told}" if named else told


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
