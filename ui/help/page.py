"""The Help page: the keyboard, what answers and marks mean, and what stays on this machine."""

from __future__ import annotations

import streamlit as st

# Words of our own throughout, so they may be Markdown.
_TEXTS = {
    "How an answer is made": """
1. **Search.** The passages nearest to your question are taken from the archive, by meaning and by words.
2. **Judge.** Each sentence of them is judged: does it answer? Where none does, nothing is written.
3. **Write.** The sentences that answer are quoted. A model may only cut them down to what was asked.
4. **Check.** Every sentence that is not word for word the article's is held against it. What is not supported is
   dropped, and the quote stands instead.
""",
    "What the marks mean": """
- **[1]** is a citation: it opens the quote, highlighted in its article, with title, outlet and date.
- Two or more marks after a sentence: several articles say so, or the sentence draws on both.
- Dates are days of publication, as the articles tell them; the day on which you added one is never taken for it.
""",
    "What a refusal means": """
"Not answered" is an answer: better none than a wrong one. It names its reason:

- nothing in the archive is about this: add articles in the Library;
- on the topic, but the thing asked for is not stated: ask for what is, or look at the nearest passages below it;
- the article itself says that it was not told;
- a name that no article mentions: check its spelling;
- outside the dates, outlets or languages that you narrowed to: widen them.

If it refuses too often, or answers too readily, move **Caution** in Settings.
""",
    "Keyboard": """
| Key | What it does |
|---|---|
| `Tab`, `Shift` + `Tab` | go to the next or the last control, from top to bottom |
| `Enter` | in the question box: ask. On a button, a link or a citation: press or open it |
| `Shift` + `Enter` | a new line in the question box |
| `Space` | turn a switch, open or close a fold, press a button |
| Arrow keys | move a slider, go through a list |
| `Esc` | close a list, a menu or a small window |
| `R` | draw the page anew, when no box has the cursor; nothing under way is lost |

Larger text: the browser's own zoom. Light or dark: as your system says.
""",
    "What stays on this machine": """
Everything: articles, questions, answers, conversations and marks are in the archive's folder, and the models run here.
The page answers to this machine alone. Nothing counts how you use it.

Two things use the network, and only when you ask for them: reading an address that you add in the Library, and
downloading a model. **Settings** lists exactly what each would send, and has a switch that forbids both.

Text from articles is shown as text: it cannot load a picture, run a script or give the models orders.
A link in a citation opens the outlet's own page in your browser, which then tells the outlet that you came.
""",
}


def show() -> None:
    st.title("Help")
    for heading, text in _TEXTS.items():
        st.header(heading)
        st.markdown(text)
