"""The Help page: how answers are made, what citations and refusals mean, the keyboard, and privacy."""

from __future__ import annotations

import streamlit as st

# Our own words, so they may be Markdown.
_SECTIONS = {
    "How an answer is made": """
1. **Search.** nutgraf finds the passages closest to your question, by meaning and by words.
2. **Judge.** It checks which of their sentences answer the question. If none does, nothing is written.
3. **Quote.** It quotes the sentences that answer. A reader model, if you chose one, may repeat them in another order.
4. **Check.** What a reader writes stands only if it is one of these sentences, word for word.
""",
    "Citations": """
- A button such as **[1] DAWN, 2021-04-08** names the outlet and the day. It opens the source: the quote, highlighted in
  its article.
- What articles tell differently stands above the quotes, each with its outlet and day. Which of them is right is for
  you to judge. Three or more amounts from different days are drawn as a line.
- Several numbers after a sentence mean that several articles support it.
- Dates are publication dates as the articles state them, never the day you added them.
""",
    "More than one answer": """
Choose one of these beside the question, or under an answer:

- **Timeline**: what happened in a topic, day by day. Name it as the articles do.
- **Compare outlets**: what several outlets tell of a topic, where their amounts may differ, and what one tells alone.
- **Find every article**: all articles that answer a question, not only the likeliest.

They read more of the archive than an answer does. A bookmark of the page shows them again.
""",
    "When there is no answer": """
"Not answered" means that your archive does not say, as far as nutgraf can tell. It gives the reason and shows the
closest passages. You can then:

- add articles about the topic in the Library;
- check the spelling of names, or ask in other words;
- widen the filters, if you set any;
- choose another form under **Read as**, such as List: nutgraf guesses which one your question asks for;
- change **Caution** in Settings, if nutgraf refuses too often or answers too readily.
""",
    "Keyboard": """
| Key | What it does |
|---|---|
| `Tab`, `Shift` + `Tab` | Go to the next or previous control |
| `Enter` | Ask the question, press a button, open a link or citation |
| `Shift` + `Enter` | Start a new line in the question |
| `Space` | Press a button, turn a switch on or off, open or close a section |
| Arrow keys | Move a slider, move through a list |
| `Esc` | Close a list, menu or pop-up |
| `R` | Refresh the page; nothing in progress is lost |

Use the browser's zoom for larger text. Light or dark follows your system.
""",
    "Privacy": """
Your articles, questions, answers and notes stay in the archive's folder, and the models run on this machine. The pages
can be opened from this machine only. Nothing counts how you use them.

Two things use the network, and only when you do them: adding a web address in the Library, and downloading a model.
**Settings** lists what each of them sends, and has a switch that blocks both.

Text from articles is always shown as plain text: it cannot load images, run scripts or give the models orders. A link
in a citation opens the outlet's website, which then sees your visit.
""",
}


def show() -> None:
    st.title("Help")
    for heading, text in _SECTIONS.items():
        st.header(heading)
        st.markdown(text)
