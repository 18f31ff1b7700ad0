"""The Settings page: privacy, models, answers, and the archive's folder."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from rag import (
    AUTO_JUDGE,
    Assistant,
    InputError,
    MachineMemory,
    ModelOffer,
    Settings,
    archive_exists,
    available_models,
    choose_judge,
    machine_memory,
    offline_reason,
    outgoing_traffic,
    save_settings,
    with_changes,
)
from ui import changes, safe, shared

_ROLES = {
    "encoder": ("Encoder", "Finds the passages that match a question. Changing it re-embeds every article."),
    "judge": ("Judge", "Decides whether a sentence answers the question and whether a source supports it."),
    "reader": ("Reader", "Puts the quotes that were found in order. Not needed: without one, the best comes first."),
}
_FITS = {
    "fits": "fits in free memory",
    "tight": "fits if you close other programs",
    "too large": "too large for this machine",
}
_ORIGINS = {"package": "included", "nutgraf": "included", "hub cache": "downloaded", "": "not downloaded"}
_CAUTION = {
    0.0: "answer whenever possible",
    0.25: "lean towards answering",
    0.5: "balanced",
    0.75: "lean towards refusing",
    1.0: "only when certain",
}
_MAX_PASSAGES, _MAX_THREADS = 50, 1024


def show() -> None:
    """Show every section, and above them the change that is in progress or has ended."""
    assistant = shared.assistant()
    st.title("Settings")
    safe.line(f"Saved in {assistant.settings.home / 'nutgraf.toml'}", "muted")
    top = st.container()
    # Read once: a change that ends while the page is drawn is still followed, to its end at once.
    job = changes.find()
    running = job is not None and job.running
    if job and not running:
        with top:
            changes.show_ended(job)
    _privacy(assistant)
    _models(assistant)
    _answers(assistant)
    _archive(assistant)
    if job and running:
        # Last, because it does not return until the change has ended.
        with top:
            changes.follow(job)


def _privacy(assistant: Assistant) -> None:
    settings = assistant.settings
    st.header("Privacy")
    safe.line(
        "Your articles, questions and answers stay on this machine, and nothing counts how you use it. The network is "
        "used only when you add a web address or download a model."
    )
    offline = st.toggle(
        "Offline mode: block all use of the network",
        settings.offline,
        key=f"offline-{settings.offline}",
        disabled=changes.disabled("offline"),
    )
    changes.why_disabled("offline")
    if offline != settings.offline:
        changes.switch(assistant, {"offline": offline})
    if barred := offline_reason(settings):
        safe.line(f"All use of the network is blocked by {barred}.", "success")
    elif barred := offline_reason(settings, hub_only=True):
        safe.line(f"Model downloads are blocked by {barred}. Web addresses can still be added.", "success")
    rows = outgoing_traffic(settings)
    with st.expander("Everything that can be sent, and when"):
        for row in rows:
            state = f"Blocked by {row.blocked_by}." if row.blocked_by else "Allowed, when you do it."
            safe.block(
                f'<p class="title">{escape(row.when)}</p>'
                f"<p>To {escape(row.to)}: {escape(row.what)}.<br><span class='muted'>{escape(state)}</span></p>"
            )


# Models


def _models(assistant: Assistant) -> None:
    machine, models = machine_memory(), available_models()
    st.header("Models")
    safe.line(
        f"This machine has {_gigabytes(machine.total)} of memory, {_gigabytes(machine.free)} free. "
        "Switching a model briefly needs room for both.",
        "muted",
    )
    for role, (name, about) in _ROLES.items():
        st.subheader(name)
        safe.line(about, "muted")
        # In a container, so that a longer list moves nothing below it.
        with st.container():
            _choose_model(assistant, role, name, [model for model in models if model.role == role], machine)
    _other_model(assistant)


def _choose_model(assistant: Assistant, role: str, name: str, models: list[ModelOffer], machine: MachineMemory) -> None:
    current = str(getattr(assistant.settings, role))
    ids = [AUTO_JUDGE] if role == "judge" else []
    ids += [model.id for model in models if model.origin]
    current = next((known for known in ids if known.casefold() == current.casefold()), current)
    options = ids if current in ids else [current, *ids]
    changes.why_disabled(role)
    chosen = st.selectbox(
        name,
        options,
        options.index(current),
        key=f"{role}-{current}",
        disabled=changes.disabled(role),
        label_visibility="collapsed",
    )
    if current == AUTO_JUDGE:
        safe.line("auto: the best judge that this machine has. Now {} ({}).".format(*choose_judge(current)), "muted")
    if len(options) > 1 and st.button(f"Use this {role}", disabled=changes.disabled(role) or chosen == current):
        changes.switch(assistant, {role: chosen}, chosen)
    for model in models:
        if model.origin:
            safe.line(f"{model.id}: {_described(model, machine)}", "muted")
    missing = [model for model in models if not model.origin]
    if missing:
        with st.expander(f"More {role}s to download ({len(missing)})"):
            for model in missing:
                safe.heading(model.id, _described(model, machine))
                _download(assistant, model.id, f"Download {model.id}")


def _other_model(assistant: Assistant) -> None:
    with st.expander("Another model"):
        name = st.text_input("File or folder on this machine, or owner/repository on Hugging Face").strip()
        role = st.selectbox("Use as", list(_ROLES), format_func=lambda role: _ROLES[role][0])
        if st.button("Use this model", disabled=changes.disabled(role) or not name):
            changes.switch(assistant, {role: name}, name)
        changes.why_disabled(role)
        _download(assistant, name, "Download this model")


def _download(assistant: Assistant, name: str, label: str) -> None:
    barred = offline_reason(assistant.settings, hub_only=True)
    if st.button(label, disabled=changes.disabled() or bool(barred) or not name):
        changes.get_model(assistant, name)
    if barred:
        safe.line(f"Blocked by {barred}.", "muted")


def _described(model: ModelOffer, machine: MachineMemory) -> str:
    needs = f"needs {_gigabytes(model.ram_bytes)} of memory, {_FITS[model.fit(machine)]}"
    return f"{model.size_bytes / 1e6:,.0f} MB · {needs} · {model.licence} · {_ORIGINS[model.origin]}"


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"


# Answers


def _answers(assistant: Assistant) -> None:
    settings = assistant.settings
    st.header("Answers")
    for key in ("caution", "passages", "threads"):
        changes.why_disabled(key)
    # The keys hold the values in use, so a change made in another tab shows here too.
    with st.form(f"answers-{settings.caution}-{settings.passages}-{settings.threads}"):
        caution = st.select_slider(
            "Caution",
            options=sorted({*_CAUTION, settings.caution}),
            value=settings.caution,
            format_func=lambda value: _CAUTION.get(value, f"{value:g}"),
            disabled=changes.disabled("caution"),
        )
        passages = st.number_input(
            "Passages retrieved per question",
            1,
            _MAX_PASSAGES,
            settings.passages,
            disabled=changes.disabled("passages"),
        )
        threads = st.number_input(
            "Reader threads (0: automatic)", 0, _MAX_THREADS, settings.threads, disabled=changes.disabled("threads")
        )
        submitted = st.form_submit_button("Save", disabled=changes.disabled())
    chosen = {"caution": float(caution), "passages": int(passages), "threads": int(threads)}
    different = {key: value for key, value in chosen.items() if value != getattr(settings, key)}
    if submitted and different:
        changes.switch(assistant, different)


# The archive's folder


def _archive(assistant: Assistant) -> None:
    st.header("Archive")
    changes.why_disabled("archive")
    current = str(assistant.settings.archive)
    given = st.text_input("Folder", current, key=f"folder-{current}", disabled=changes.disabled("archive"))
    if st.button("Open archive", disabled=changes.disabled("archive")):
        _open(with_changes(assistant.settings, {"archive": given}), assistant)
    if folder := st.session_state.get("new-archive"):
        safe.line(f"There is no archive in {folder} yet.")
        st.button("Create an archive there", on_click=_create, args=(assistant,), disabled=changes.disabled("archive"))
    safe.line("After opening an archive that was made with another encoder, re-embed its articles.", "muted")
    if st.button("Re-embed articles", disabled=changes.disabled()):
        changes.re_embed(assistant)


def _open(settings: Settings, assistant: Assistant) -> None:
    st.session_state.pop("new-archive", None)
    if settings.archive == assistant.settings.archive:
        safe.line("This archive is already open.", "muted")
    elif archive_exists(settings):
        _switch(settings)
        st.rerun()
    elif _is_filled(settings.archive):
        raise InputError(
            f"{settings.archive} contains other files and no archive.",
            "Choose an archive's folder, an empty folder, or one that does not exist yet.",
        )
    else:
        st.session_state["new-archive"] = str(settings.archive)


def _create(assistant: Assistant) -> None:
    _switch(with_changes(assistant.settings, {"archive": st.session_state.pop("new-archive")}))


def _switch(settings: Settings) -> None:
    shared.open_archive(settings.archive)
    save_settings(settings.home, {"archive": settings.archive})


def _is_filled(folder: Path) -> bool:
    """Whether a folder holds anything. Raises: InputError, where it cannot be read."""
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder} cannot be opened: {error.strerror}", "Check its permissions.") from error
