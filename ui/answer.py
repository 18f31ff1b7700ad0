"""One question and its answer: the job that answers it, and how it is shown."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import streamlit as st

from rag import (
    Answer,
    Assistant,
    Chats,
    Evidence,
    Form,
    Found,
    Mode,
    NutgrafError,
    Question,
    Refusal,
    Turn,
    Verdict,
    share_answer,
)
from ui import background, safe, source, survey, values

_USER, _NUTGRAF = ":material/person:", ":material/newspaper:"
_NEAREST_CHARS = 400
_FORMS: tuple[tuple[Form, str], ...] = (("plain", "Plain text"), ("markdown", "Markdown"), ("html", "Formatted text"))
DETECT = "Automatic form"
# The forms of reply by name; None leaves the choice to the classifier.
MODES: dict[str, Mode | None] = {
    DETECT: None,
    "One answer": "one",
    "List": "list",
    "History": "history",
    "Comparison": "comparison",
}
# Streamlit's value for the upper of the two thumbs.
_THUMB_UP = 1


class AnswerJob(background.Job):
    """Answers one question and saves the answer in its chat."""

    def __init__(self, assistant: Assistant, turn: Turn) -> None:
        super().__init__("answer")
        self.turn = turn
        self.searched = False
        self.place_in_queue = 0
        self.verdicts: tuple[Verdict, ...] = ()
        self._assistant = assistant

    def _work(self) -> None:
        for step in self._assistant.stream(self.turn.question, self._should_stop, self._queued):
            if isinstance(step, Answer):
                self._assistant.chats.finish(self.turn.id, step)
            elif isinstance(step, Found):
                self.searched = True
            else:
                self.place_in_queue = 0
                self.verdicts += (step.verdict,)
            self._notify()

    def _failed(self, problem: NutgrafError) -> None:
        # The chat may have been deleted, and the answer may have been saved before the failure.
        with suppress(NutgrafError):
            self._assistant.chats.finish(self.turn.id, problem)
        super()._failed(problem)

    def _queued(self, place: int) -> None:
        self.place_in_queue = place
        self._notify()


def show(turn: Turn, chats: Chats) -> None:
    """Show a finished turn: the question, its answer, refusal or error, and what can be done with it."""
    _question(turn)
    with st.chat_message("assistant", avatar=_NUTGRAF):
        if turn.problem:
            safe.alert(turn.problem.message, turn.problem.hint)
        if not turn.answer:
            return
        for note in turn.answer.notes:
            safe.line(note, "muted")
        if turn.answer.refusal:
            _refusal(turn.answer, turn.answer.refusal)
        else:
            _sentences(turn.answer, turn.id)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _copy(turn.answer, turn.id)
            _feedback(chats, turn)


def show_progress(job: AnswerJob) -> None:
    """Show a turn in progress: the question, the sentences so far, and what happens now."""
    _question(job.turn)
    with st.chat_message("assistant", avatar=_NUTGRAF):
        for verdict in job.verdicts:
            safe.sentence(verdict.shown, verdict.markers)
        if job.stopping:
            safe.status("Stopping …")
        elif job.place_in_queue:
            safe.status(f"In the queue: {job.place_in_queue} ahead of this question.")
        else:
            safe.status("Writing and checking …" if job.searched else "Searching the archive …")


def ask_again(turn: Turn) -> Question | None:
    """Show how a chat's last question can be asked again, read otherwise or edited; return what to ask, if anything."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="again"):
        mode = _read_as(turn)
        again = st.button("Ask again", key=f"again-{turn.id}", type="tertiary", icon=":material/refresh:")
        with (
            st.popover("Edit question", type="tertiary", icon=":material/edit:"),
            st.form(f"edit-{turn.id}", border=False),
        ):
            text = st.text_area("Question", turn.question.text)
            edited = st.form_submit_button("Ask")
            if edited and not text.strip():
                safe.alert("The question is empty.", "Type a question.")
        if turn.answer:
            survey.links(turn.answer, turn.id)
    if mode:
        return replace(turn.question, mode=mode)
    if again:
        return turn.question
    return replace(turn.question, text=text) if edited and text.strip() else None


def _read_as(turn: Turn) -> Mode | None:
    """Show which form of reply the question was taken to ask for; return another one that was clicked."""
    if not turn.answer:
        return None
    names = [name for name, mode in MODES.items() if mode]
    before = next(name for name in names if MODES[name] == turn.answer.mode)
    chosen = st.segmented_control("Read as", names, default=before, required=True, key=f"mode-{turn.id}")
    return MODES[chosen] if chosen != before else None


def _question(turn: Turn) -> None:
    with st.chat_message("user", avatar=_USER):
        safe.line(turn.question.text)


def _refusal(answer: Answer, refusal: Refusal) -> None:
    safe.line(f"Not answered. {refusal.message}", "refusal")
    if answer.nearest:
        safe.line("Closest in the archive", "title")
    for item in answer.nearest:
        _nearest(item)


def _nearest(item: Evidence) -> None:
    text = item.text
    shown = text if len(text) <= _NEAREST_CHARS else f"{text[:_NEAREST_CHARS].rpartition(' ')[0]} …"
    safe.quote(shown, item.article.title_and_byline)
    source.warn(item)


def _sentences(answer: Answer, turn_id: int) -> None:
    """Show the values, then each sentence with the sources it cites. A chip tells what a quote's lead would."""
    values.show(answer, turn_id)
    cited = {citation.marker: citation for citation in answer.citations}
    for at, verdict in enumerate(answer.verdicts):
        sources = [cited[marker] for marker in verdict.markers if marker in cited]
        with st.container(gap="xsmall"):
            safe.sentence(replace(verdict, lead="").shown, ())
            with st.container(horizontal=True, gap="xsmall"):
                for one in sources:
                    source.chip(one, turn_id, str(at))
        source.warn(verdict)
        if verdict.corrected_by:
            safe.line("Corrected since.", "notice")
            safe.library_link(verdict.corrected_by, "Open the correction in the Library")
        for one in sources:
            if one.evidence.warning != verdict.warning:
                source.warn(one.evidence)
    if answer.unquoted:
        with st.expander(f"Not quoted: {len(answer.unquoted)} more that may answer"):
            for item in answer.unquoted:
                _nearest(item)
                safe.library_link(item.article.id, "Open in the Library")
    safe.line(_summary(answer), "muted")


def _summary(answer: Answer) -> str:
    """How many sentences are quotes and how many were written, how long it took, and who wrote."""
    quoted = sum(verdict.quoted for verdict in answer.verdicts)
    written = len(answer.verdicts) - quoted
    parts = (
        f"{quoted} quoted" if quoted else "",
        f"{written} written by {answer.trace.reader} and checked" if written else "",
        f"{answer.trace.total_seconds:.1f} s",
        "stopped early" if answer.trace.stopped else "",
    )
    return " · ".join(filter(None, parts))


def _copy(answer: Answer, turn_id: int) -> None:
    opened = st.popover(
        "Copy", type="tertiary", icon=":material/content_copy:", on_change="rerun", key=f"copy-{turn_id}"
    )
    if opened.open:
        with opened:
            safe.copy_buttons([(form, label, share_answer(answer, form)) for form, label in _FORMS])


def _feedback(chats: Chats, turn: Turn) -> None:
    """Show the thumbs and, once one is pressed, a note."""
    before = turn.feedback
    thumb = st.feedback("thumbs", key=f"thumbs-{turn.id}", default=None if before is None else int(before.good))
    if thumb is None:
        if before:
            chats.unmark(turn.id)
        return
    good = thumb == _THUMB_UP
    if before is None or before.good != good:
        chats.mark(turn.id, good=good, note=before.note if before else "")
    with st.popover("Note", type="tertiary", icon=":material/notes:"), st.form(f"note-{turn.id}", border=False):
        note = st.text_area("What was right or wrong?", before.note if before else "")
        safe.line("To record the right answer for an evaluation, begin a line with “answer:”.", "muted")
        if st.form_submit_button("Save note"):
            chats.mark(turn.id, good=good, note=note)
            safe.line("Saved.", "muted")
