"""The chat's pages. `nutgraf chat` starts them."""

from __future__ import annotations

import streamlit as st

from ui.ask import page as ask
from ui.evaluation import page as evaluation
from ui.frame import framed
from ui.help import page as help_
from ui.library import page as library
from ui.settings import page as settings


def main() -> None:
    st.set_page_config(page_title="nutgraf", page_icon="📰", layout="centered")
    pages = [
        st.Page(framed(ask.show), title="Ask", icon=":material/forum:", url_path="ask", default=True),
        st.Page(framed(library.show), title="Library", icon=":material/library_books:", url_path="library"),
        st.Page(framed(evaluation.show), title="Evaluation", icon=":material/bar_chart:", url_path="evaluation"),
        st.Page(framed(settings.show), title="Settings", icon=":material/settings:", url_path="settings"),
        st.Page(framed(help_.show), title="Help", icon=":material/help:", url_path="help"),
    ]
    st.navigation(pages).run()


if __name__ == "__main__":
    main()
