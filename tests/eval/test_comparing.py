"""How the benchmark asks other processes, judges what engines reply, and sets them side by side."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from eval.bench import comparing, processes, rivals
from eval.bench.comparing import Reply
from eval.bench.parts import PARTS, Options, chosen
from eval.bench.questions import ANSWERED, REFUSED, Sample, is_cited, is_right, says_no
from tests.conftest import SEEDS
from tests.eval.making import run

DOSES = Sample("How many doses, and who said so?", ("5 million", "Qureshi"), ("lavrov",))
VISIT = Sample("How long since?", ("nine years", "nearly a decade"), instead=("9 years", "nine years"))
COST = Sample("What does it cost?", refusal="not_stated")
SOURCES = ("Rain fell.", "Qureshi said Pakistan will purchase\n5 million doses.")


@pytest.mark.parametrize(
    ("sample", "text", "right"),
    [
        (DOSES, "Qureshi said 5 million doses.", True),
        (DOSES, "QURESHI said 5\nmillion doses.", True),
        (DOSES, "5 million doses.", False),
        (DOSES, "", False),
        (VISIT, "It was 9 years.", True),
        (VISIT, "Nine years.", True),
        (VISIT, "Nearly a decade.", False),
        (COST, "", True),
    ],
)
def test_an_answer_is_right_with_all_the_words_or_one_of_those_instead(
    sample: Sample, text: str, *, right: bool
) -> None:
    assert is_right(sample, text) == right


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("5 million [2].", True),
        ("5 million [1].", False),
        ("5 million [1, 2].", True),
        ("5 million [1][2].", True),
        ("5 million [3].", False),
        ("5 million [0].", False),
        ("5 million (2).", False),
        ("5 million.", False),
    ],
)
def test_an_answer_is_cited_when_a_marker_stands_for_a_source_with_one_of_the_words(text: str, *, cited: bool) -> None:
    assert is_cited(DOSES, text, SOURCES) == cited


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The sources do not mention the cost.",
        "None of the sources are helpful.",
        "There is no information about this.",
        "I'm sorry, but I can't answer that.",
        "The cost isn’t stated.",
        "It is unknown.",
    ],
)
def test_an_answer_that_says_that_it_has_none_is_a_refusal(text: str) -> None:
    assert says_no(text)


@pytest.mark.parametrize(
    "text",
    [
        "The capital of France is Paris.",
        "It will cost 5 million.",
        "The 2022 World Cup was won by Qatar, not Russia.",
        "It is not far. The minister said it was known.",
    ],
)
def test_an_answer_that_only_has_a_no_in_it_is_none(text: str) -> None:
    assert not says_no(text)


def test_every_question_is_asked_once_and_is_either_to_answer_or_to_refuse() -> None:
    samples = ANSWERED + REFUSED

    assert len({sample.text for sample in samples}) == len(samples)
    assert all(sample.held and not sample.refusal for sample in ANSWERED)
    assert all(sample.refusal and not sample.held for sample in REFUSED)
    texts = {path.name.partition("-")[0]: " ".join(path.read_text().split()) for path in SEEDS.glob("*.txt")}
    assert all(any(words in text for text in texts.values()) for sample in ANSWERED for words in sample.held)


def reply(sample: Sample, text: str, seconds: float, first: float | None = None, *, refused: bool = False) -> Reply:
    return Reply(sample, text, SOURCES, refused, first, seconds)


def test_a_table_counts_the_first_round_and_times_every_round() -> None:
    ours = [
        reply(DOSES, "Qureshi: 5 million [2].", 1.0, 0.5),
        reply(COST, "not stated", 0.5, refused=True),
        reply(DOSES, "Qureshi: 5 million [2].", 2.0, 0.5),
        reply(COST, "not stated", 0.5, refused=True),
    ]
    peers = [
        reply(DOSES, "Qureshi: 5 million.", 4.0, 2.0),
        reply(COST, "About 7.", 5.0, 2.0),
        reply(DOSES, "Rain.", 4.0, 3.0),
        reply(COST, "About 7.", 5.0, 2.0),
    ]

    table = comparing.table(ours, peers)

    assert table.rows == (
        ("right, of 1 to answer", "1", "1", ""),
        ("right and cited", "1", "0", ""),
        ("refused, of 1 to refuse", "1", "0", ""),
        ("refused, of 1 to answer", "0", "0", ""),
        ("first token, where nutgraf answers", "0.50 / 0.50", "2.50 / 2.95", "5.00 (4.00 to 6.00)"),
        ("last token, questions to answer", "1.50 / 1.95", "4.00 / 4.00", "3.00 (2.00 to 4.00)"),
        ("last token, questions to refuse", "0.50 / 0.50", "5.00 / 5.00", "10.00 (10.00 to 10.00)"),
    )
    assert "4 questions in turn" in table.title


def test_a_table_leaves_out_what_was_never_timed() -> None:
    rows = comparing.table([reply(DOSES, "", 1.0, refused=True)], [reply(DOSES, "", 2.0, 1.0)]).rows

    assert [row[0] for row in rows][4:] == ["last token, questions to answer"]


@pytest.fixture
def no_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "llama_index" else real(name))


@pytest.mark.usefixtures("no_peer")
def test_the_peer_asked_for_by_name_and_not_installed_is_an_error_that_says_how_to_get_it() -> None:
    ran = run("bench", "--only", "peer")

    assert ran.code == 1
    assert "error: the part peer needs llama-index-core" in ran.err
    assert "pip install -c constraints.txt -e '.[bench]'" in ran.err


@pytest.mark.usefixtures("no_peer")
def test_the_peer_not_asked_for_and_not_installed_is_left_out_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    parts = chosen(",".join(PARTS), Options(3, 150, 0, None, None, 600, 20_000, 200, 1_000_000, None))

    assert parts == ("ask", "ingest", "grow", "search", "index", "memory")
    assert "needs llama-index-core" in capsys.readouterr().err


def test_a_process_that_ends_is_named_with_the_line_it_was_given() -> None:
    with processes.Loop("eval.bench.bare", "no-such-file.gguf", "no-such-adapter.gguf", 512) as loop:
        for _ in range(2):
            with pytest.raises(
                RuntimeError,
                match=r"eval\.bench\.bare no-such-file\.gguf no-such-adapter\.gguf 512.*\[\"first_token\", ",
            ):
                loop.ask("first_token", "system", [], "user")


def test_what_a_library_prints_is_no_answer() -> None:
    code = "from eval.bench.serving import serve; serve({'f': lambda n: print('noise') or n + 1})"
    lines = "".join(json.dumps(["f", [number]]) + "\n" for number in (1, 2))
    done = subprocess.run([sys.executable, "-c", code], input=lines, capture_output=True, text=True, check=True)

    assert done.stdout == "2\n3\n"
    assert done.stderr == "noise\nnoise\n"


def test_a_command_is_run_to_its_end_and_its_memory_taken() -> None:
    small = processes.run([sys.executable, "-c", "print('done')"])
    large = processes.run([sys.executable, "-c", "text = b'x' * 2**26"])
    held = b"x" * 2**27

    assert small.output == "done\n"
    assert small.seconds > 0
    assert small.peak_mib < 64 < len(held) / 2**20, "the memory of whoever asks is not the command's"
    assert large.peak_mib - small.peak_mib == pytest.approx(64, abs=8)


def test_a_command_that_fails_is_named() -> None:
    with pytest.raises(RuntimeError, match=r"raise SystemExit.* failed with status 3"):
        processes.run([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.skipif(
    importlib.util.find_spec("llama_index") is None, reason="llama-index-core, of the bench extra, is not installed"
)
def test_the_peer_answers_with_numbered_sources() -> None:
    with processes.Loop("eval.bench.peer", rivals.encoder_folder(), rivals.reader_file(), SEEDS, 2048, 16) as peer:
        said = peer.ask("ask", "What is the name of the maritime drill?")

    assert said["text"]
    assert [source.partition(":")[0] for source in said["sources"]] == ["Source 1", "Source 2"]
    assert 0 < said["first_token_seconds"] <= said["seconds"]
