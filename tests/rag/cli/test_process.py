"""The command line as its users start it: a process of its own, with the real models."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

from tests.conftest import SEEDS


def command(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag", *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_module_is_the_command() -> None:
    ran = command("--help")
    assert ran.returncode == 0
    assert all(name in ran.stdout for name in ("ingest", "ask", "articles", "status", "models", "chat"))
    assert ran.stderr == ""


def test_the_real_command_ingests_and_answers() -> None:
    first = command("ingest", SEEDS)
    assert first.returncode == 0
    assert "2 added" in first.stdout
    assert "WARNING" not in first.stderr
    asked = command("ask", "Which cities does the gas pipeline join?", "--json")
    assert asked.returncode == 0
    assert "Karachi" in json.loads(asked.stdout)["text"]
    assert asked.stderr == ""


def test_a_terminal_without_curly_quotes_is_no_crash() -> None:
    command("ingest", SEEDS)
    article_id = json.loads(command("articles", "--json").stdout)["articles"][1]["id"]
    shown = command("articles", "show", article_id, PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert "\\u201c" in shown.stdout


def test_ctrl_c_ends_a_command_that_starts_and_the_chat_without_a_word() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    for words, last in ((("status",), ""), (("chat", "--port", port), "The chat is at")):
        for seconds in (0.2, 0.1, 0.2, 0.1, 0.2):
            started = subprocess.Popen([sys.executable, "-m", "rag", *words], stderr=subprocess.PIPE, text=True)
            assert started.stderr
            if last:
                assert any(line.startswith(last) for line in started.stderr)
            else:
                time.sleep(seconds)
            started.send_signal(signal.SIGINT)
            told = started.communicate(timeout=60)[1]
            # On a busy machine the command may have ended before the signal.
            if started.returncode < 0:
                break

        assert (started.returncode, told) == (-signal.SIGINT, ""), "130 in a shell"


def test_a_question_imports_no_large_library_in_vain() -> None:
    # They take seconds; torch, which is needed, takes one.
    slow = ("transformers", "sentence_transformers", "sklearn", "scipy", "pandas", "sympy", "trafilatura", "streamlit")
    command("ingest", SEEDS)
    code = (
        "import sys; from rag import cli\n"
        "try: cli.main()\n"
        f"finally: print(sorted({{*{slow}, 'llama_cpp'}} & {{*sys.modules}}), file=sys.stderr)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code, "ask", "What is the capital of France?"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert asked.stdout.startswith("Not answered.")
    assert asked.stderr == "[]\n"
