"""The pages of the browser interface. `nutgraf chat` starts them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rag import NutgrafError
from ui import ask, evaluation, help, library, safe, settings  # noqa: A004


def framed(show: Callable[[], None]) -> Callable[[], None]:
    """Wrap a page: send the styles first, and show a `NutgrafError` as a message on the page."""

    def page() -> None:
        safe.style()
        try:
            show()
        except NutgrafError as error:
            safe.alert(error.message, error.hint)

    return page


def main() -> None:
    st.set_page_config(page_title="nutgraf", page_icon="📰", layout="centered")
    pages = [
        st.Page(framed(ask.show), title="Ask", icon=":material/forum:", url_path="ask", default=True),
        st.Page(framed(library.show), title="Library", icon=":material/library_books:", url_path="library"),
        st.Page(framed(evaluation.show), title="Evaluation", icon=":material/bar_chart:", url_path="evaluation"),
        st.Page(framed(settings.show), title="Settings", icon=":material/settings:", url_path="settings"),
        st.Page(framed(help.show), title="Help", icon=":material/help:", url_path="help"),
    ]
    st.navigation(pages).run()


if __name__ == "__main__":
    main()
