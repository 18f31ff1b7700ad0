"""The chat's server: Streamlit's, with a policy for the browser. `nutgraf chat` starts it with `streamlit run`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from ui import policy

_INDEX = Path(st.__file__).parent / "static" / "index.html"

app = st.App(
    Path(__file__).parent / "app.py",
    middleware=[Middleware(policy.Guarded, policy.content_security(_INDEX.read_text(encoding="utf-8")))],
)
