"""`nutgraf chat` starts the page's server, and nothing that lies in the current folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.rag.conftest import Run


def test_the_server_neither_imports_from_the_current_folder_nor_reads_its_settings(
    filled: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, command: started.append(command))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "streamlit.py").write_text("raise SystemExit('a stranger ran')")
    filled("chat", "--port", "8731")

    ((program, option, *rest),) = started
    assert (program, option) == (sys.executable, "-P")
    assert "streamlit" in rest[1]
    assert rest[2] == "run"
    # Streamlit reads .streamlit/config.toml in the folder that it is started in.
    assert Path.cwd() == Path.home()
