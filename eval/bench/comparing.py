"""The same questions through nutgraf and through a citation engine with the same two models, in turn."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.bench import rivals
from eval.bench.processes import Loop
from eval.bench.questions import ANSWERED, REFUSED, Sample, is_cited, is_right, says_no
from eval.bench.tables import Table, ratio
from rag import Assistant, Question, load_settings

_SEEDS = Path(__file__).parent.parent.parent / "seeds"


@dataclass(frozen=True, slots=True)
class Reply:
    """What an engine said to a question; `[n]` in `text` stands for `sources[n - 1]`.

    `first_token_seconds` is None where no model was asked.
    """

    sample: Sample
    text: str
    sources: tuple[str, ...]
    refused: bool
    first_token_seconds: float | None
    seconds: float


def against_peer(home: Path, rounds: int, replies: Path | None) -> Table:
    """Ask both every question of the samples; what they say goes to the file `replies` as JSON lines.

    The peer's threads sleep while they wait, as nutgraf's do: it inherits OMP_WAIT_POLICY. llama.cpp's own bindings
    keep what a prompt has in common with the one before it, which here can be both articles. Raises: OSError.
    """
    ours, peers = list[Reply](), list[Reply]()
    with Assistant(load_settings({"home": home})) as assistant:
        assistant.ingest([_SEEDS])
        assistant.warm()
        limits = assistant.settings.context_tokens, assistant.settings.answer_tokens
        with Loop("eval.bench.peer", rivals.encoder_folder(), rivals.reader_file(), _SEEDS, *limits) as peer:
            for sample in (ANSWERED[0], *(ANSWERED + REFUSED) * rounds):
                ours.append(_ours(assistant, sample))
                peers.append(_peers(peer, sample))
    if replies:
        replies.write_text("".join(map(_line, ours[1:], peers[1:])), encoding="utf-8")
    # The first of each is not warm.
    return table(ours[1:], peers[1:])


def table(ours: Sequence[Reply], peers: Sequence[Reply]) -> Table:
    """Both gave one reply to each question, in the same order; what is right is counted in the first round."""
    once = len({reply.sample.text for reply in ours})
    counts = [_counts(replies[:once]) for replies in (ours, peers)]
    rows = [(name, counts[0][name], counts[1][name], "") for name in counts[0]]
    both = [
        (our.first_token_seconds, other.first_token_seconds)
        for our, other in zip(ours, peers, strict=True)
        if our.first_token_seconds is not None and other.first_token_seconds is not None
    ]
    if both:
        rows.append(
            _timed("first token, where nutgraf answers", [our for our, _ in both], [other for _, other in both])
        )
    for name, answer in (("last token, questions to answer", True), ("last token, questions to refuse", False)):
        seconds = [[reply.seconds for reply in some if bool(reply.sample.held) == answer] for some in (ours, peers)]
        if seconds[0]:
            rows.append(_timed(name, *seconds))
    title = f"Beside CitationQueryEngine, the same models, {len(ours)} questions in turn; seconds are p50 / p95"
    return Table(title, ("nutgraf", "LlamaIndex", "times as fast: median (least to most)"), tuple(rows))


def _ours(assistant: Assistant, sample: Sample) -> Reply:
    clock = time.perf_counter()
    answer = assistant.ask(Question(sample.text))
    seconds = time.perf_counter() - clock
    checked = all(verdict.supported and verdict.markers for verdict in answer.verdicts)
    sources = tuple(citation.evidence.text for citation in answer.citations) if checked else ()
    return Reply(sample, answer.text, sources, answer.refusal is not None, answer.trace.first_token_seconds, seconds)


def _peers(peer: Loop, sample: Sample) -> Reply:
    said = peer.ask("ask", sample.text)
    refused = says_no(said["text"])
    return Reply(sample, said["text"], tuple(said["sources"]), refused, said["first_token_seconds"], said["seconds"])


def _line(our: Reply, peer: Reply) -> str:
    said = {"question": our.sample.text, "held": our.sample.held, "nutgraf": our.text, "peer": peer.text}
    return json.dumps({**said, "peer_sources": peer.sources}, ensure_ascii=False) + "\n"


def _counts(replies: Sequence[Reply]) -> dict[str, str]:
    asked = [reply for reply in replies if reply.sample.held]
    no_answer = [reply for reply in replies if not reply.sample.held]
    right = [reply for reply in asked if is_right(reply.sample, reply.text)]
    cited = [reply for reply in right if is_cited(reply.sample, reply.text, reply.sources)]
    return {
        f"right, of {len(asked)} to answer": str(len(right)),
        "right and cited": str(len(cited)),
        f"refused, of {len(no_answer)} to refuse": str(sum(reply.refused for reply in no_answer)),
        f"refused, of {len(asked)} to answer": str(sum(reply.refused for reply in asked)),
    }


def _timed(name: str, ours: Sequence[float], peers: Sequence[float]) -> tuple[str, str, str, str]:
    our, other = (" / ".join(f"{value:.2f}" for value in np.percentile(some, (50, 95))) for some in (ours, peers))
    return name, our, other, ratio(peers, ours)
