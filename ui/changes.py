"""Changes that the Settings page makes: one at a time, in the background, for all tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from rag import Assistant, Done, NutgrafError, download_model, overridden_by, save_settings, with_changes
from ui import background, safe

_KEY = "settings"
_Progress = Callable[[Done], None]


class ChangeJob(background.Job):
    """A change in progress; `doing`, `unit` and `done` are what the page says of it, `name` is the model or ""."""

    def __init__(self, work: Callable[[_Progress], object], name: str, doing: str, unit: str, done: str) -> None:
        super().__init__("settings")
        self.name, self.doing, self.unit, self.done = name, doing, unit, done
        self.share = 0.0
        self.count = 0
        self._change = work

    def _work(self) -> None:
        self._change(self._progress)

    def _progress(self, done: Done) -> None:
        if self.stopping:
            raise NutgrafError("Stopped. Nothing was changed.", "Start it again to continue where it stopped.")
        self.share, self.count = done
        self._notify()


def switch(assistant: Assistant, chosen: Mapping[str, object], name: str = "") -> None:
    """Put other settings to use, save them, and rerun the page."""

    def work(progress: _Progress) -> None:
        settings = with_changes(assistant.settings, chosen)
        assistant.use(settings, progress)
        try:
            save_settings(settings.home, chosen)
        except NutgrafError as error:
            raise NutgrafError(f"In use until nutgraf is closed, but not saved: {error.message}", error.hint) from error

    doing = "Loading … The old settings stay in use until this is done."
    _begin(ChangeJob(work, name, doing, "articles re-embedded", "Saved and in use."))


def get_model(assistant: Assistant, name: str) -> None:
    """Download a model, and rerun the page."""

    def work(progress: _Progress) -> None:
        download_model(name, assistant.settings, progress)
        # The judge `auto` may stand for another one now.
        assistant.use(assistant.settings)

    _begin(ChangeJob(work, name, "Downloading …", "MB", "Downloaded and verified. You can select it now."))


def re_embed(assistant: Assistant) -> None:
    """Re-chunk and re-embed every article that does not match the settings, and rerun the page."""
    done = "All articles match the current settings."
    _begin(ChangeJob(assistant.convert, "", "Re-embedding the articles …", "articles", done))


def find() -> ChangeJob | None:
    """Return the change that runs, or the last one if it was not dismissed."""
    return background.find(_KEY, ChangeJob)


def _begin(job: ChangeJob) -> None:
    background.begin(_KEY, job)
    st.rerun()


def disabled(setting: str = "") -> bool:
    """Whether a control must be disabled: a change is running, or the environment fixes its `setting`."""
    job = find()
    return bool(setting and overridden_by(setting)) or bool(job and job.running)


def why_disabled(setting: str) -> None:
    """Say so where the environment fixes `setting`."""
    if name := overridden_by(setting):
        safe.line(f"Set by the environment variable {name}. To change it here, unset it and restart.", "muted")


def show_ended(job: ChangeJob) -> None:
    if job.problem:
        safe.alert(job.problem.message, job.problem.hint)
    else:
        safe.line(f"{job.name}: {job.done}" if job.name else job.done, "success")
    st.button("Dismiss", on_click=partial(background.dismiss, _KEY, job))


def follow(job: ChangeJob) -> None:
    """Show a change until it ends; then rerun the page."""
    if job.name:
        safe.line(job.name)
    st.button("Stop", on_click=job.stop, disabled=job.stopping)
    background.follow([background.Watched(job, st.empty(), partial(_show_progress, job))])


def _show_progress(job: ChangeJob) -> None:
    counted = f" {job.count:,} {job.unit}" if job.count else ""
    st.progress(job.share, text="Stopping …" if job.stopping else f"{job.doing}{counted}")
